/** A hint that something changed; the receiver reads the new state from where it is kept. */
export type LiveEvent =
  | { readonly kind: 'bucket-changed' }
  | { readonly kind: 'order-changed'; readonly orderId: string }
  | { readonly kind: 'run-stored'; readonly orderId: string; readonly rep: number }
  | { readonly kind: 'balance-changed' }
  | { readonly kind: 'results-waiting' }
  | { readonly kind: 'notifications-changed' }
  | { readonly kind: 'wishes-changed'; readonly userId: string }

import type { ErrorCode } from '@quarry/contracts'
import type { CatchUp, EntryState, FailureReason, Fault, TransferKind } from '@quarry/domain'

/** The parts of a dictionary that must have words for every code of the contracts. */
interface CodeWords {
  readonly errors: Readonly<Record<ErrorCode, string>>
  readonly failures: Readonly<Record<FailureReason, string>>
  readonly faults: Readonly<Record<Fault, string>>
  readonly states: Readonly<Record<EntryState | 'placing', string>>
  readonly transfers: Readonly<Record<TransferKind, string>>
  readonly catchUps: Readonly<Record<CatchUp, string>>
}

/** Words for every code of the contracts. */
export const enCodes = {
  states: {
    placing: 'Being placed',
    active: 'Active',
    pausing: 'Pausing',
    paused: 'Paused',
    cancelling: 'Being cancelled',
    cancelled: 'Cancelled',
    finished: 'Finished',
  },
  transfers: {
    mint: 'Coins received',
    escrow: 'Order placed',
    payment: 'Earned by mining',
    refund: 'Refund',
    forfeit: 'Taken by the operator',
  },
  catchUps: {
    latest: 'Run the latest missed one, refund the others',
    all: 'Run every missed one',
    none: 'Refund all missed ones',
  },
  faults: { target: 'The site', miner: 'The miner', platform: 'Quarry' },
  failures: {
    rate_limited: 'The site asked for fewer requests',
    server_error: 'The site reported an error of its own',
    dns_failed: 'The host name was not found',
    connection_failed: 'No connection to the site',
    tls_failed: 'No secure connection to the site',
    timed_out: 'The site took too long',
    cut_off: 'The answer broke off',
    too_large: 'The page is too large',
    too_many_redirects: 'Too many redirects',
    bad_redirect: 'A redirect led nowhere',
    bad_encoding: 'The page could not be decoded',
    robots_forbidden: 'The site’s robots.txt forbids it',
    address_forbidden: 'The address is not on the public internet',
    host_excluded: 'No miner serves this host',
    host_denied: 'The operator lets no job go to this host',
    bad_result: 'The miner’s result was not valid',
    lease_expired: 'The miner did not answer in time',
    patience_over: 'No miner was free in time',
    missed: 'Missed during an outage',
  },
  errors: {
    invalid_input: 'Something in the form is not right yet.',
    malformed_json: 'The server could not read the request.',
    unsupported_media_type: 'The server does not take this kind of content.',
    body_too_large: 'That is more than the server takes at once.',
    not_signed_in: 'Please sign in.',
    token_invalid: 'Your session is no longer valid. Please sign in again.',
    token_expired: 'Your session has run out. Please sign in again.',
    sign_in_failed: 'Email, password or code is not right. After several tries, wait a little.',
    totp_required: 'A code from your authenticator app is needed.',
    scope_missing: 'This needs a permission that you do not have.',
    totp_needed: 'Turn on two-step sign-in first: without it no program may act for you.',
    user_code_invalid: 'Nobody waits under this code. It may be mistyped, used already, or older than 15 minutes.',
    elsewhere_failed: 'The sign-in at the other provider did not work. Please begin again.',
    elsewhere_unverified: 'The provider has not verified your email address, so it cannot be used here.',
    elsewhere_taken: 'That account of the provider is already linked to another account here.',
    last_way_in: 'This is your last way to sign in. Set a password first, or link another provider.',
    guest_disabled: 'This server lets no guests look around.',
    guest_read_only: 'Guests can look at everything here and change nothing. Create an account to go on.',
    cross_site: 'The request came from another site and was refused.',
    forbidden: 'You may not do this.',
    email_taken: 'There is already an account with this address.',
    password_too_common: 'This password is on the lists that attackers try first. Choose another.',
    address_forbidden: 'This address does not lead to the public internet, so no miner may fetch it.',
    host_denied: 'The operator of this marketplace lets no order go to this host.',
    account_not_found: 'There is no such account.',
    not_enough_coins: 'You do not have enough coins for this order.',
    cost_above_limit: 'The order costs more than you agreed to. Look at the cost again.',
    order_cap: 'The order costs more than your limit for one order.',
    month_cap: 'The order would take this month beyond your limit.',
    order_not_found: 'There is no such order.',
    run_not_found: 'There is no such run, or it is past its retention.',
    test_fetch_not_found: 'This test is no longer kept. Start a new one.',
    not_found: 'This was not found.',
    method_not_allowed: 'The server does not allow this here.',
    wrong_state: 'That is not possible in the order’s present state.',
    idempotency_mismatch: 'This form was already sent with other values. Reload the page.',
    endpoint_not_found: 'There is no such webhook any more.',
    too_many_endpoints: 'You have as many webhooks as an account may have. Remove one first.',
    webhook_address_forbidden: 'Nothing may be sent to this address: it must be https on the public internet.',
    delivery_not_found: 'This delivery is no longer in the log.',
    unsubscribe_invalid: 'This link is not complete. Copy it from the mail as a whole.',
    faucet_disabled: 'This server hands out no coins.',
    faucet_limit: 'That is all for now. Come back later.',
    test_fetch_limit: 'That was a lot of tests. Wait a little, then try again.',
    too_many_requests: 'Too many requests. Wait a moment.',
    protocol_unsupported: 'This page is older than the server. Reload it.',
    unavailable: 'The server cannot be reached at the moment.',
    internal: 'Something went wrong on our side.',
  },
} as const satisfies CodeWords

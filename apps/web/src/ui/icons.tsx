import type { ReactNode } from 'react'

function icon(shape: ReactNode) {
  return function Icon() {
    return (
      <svg
        width="18"
        height="18"
        viewBox="0 0 18 18"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {shape}
      </svg>
    )
  }
}

export const CoinIcon = icon(
  <>
    <circle cx="9" cy="9" r="6.5" />
    <path d="M9 5.75v6.5M7 7.5h4M7 10.5h4" />
  </>,
)
export const OrdersIcon = icon(<path d="M3 4.5h12M3 9h12M3 13.5h7" />)
export const MinersIcon = icon(
  <>
    <rect x="2.5" y="3.5" width="13" height="4.5" rx="1.25" />
    <rect x="2.5" y="10" width="13" height="4.5" rx="1.25" />
    <path d="M5.250 5.750h.01M5.250 12.250h.01" />
  </>,
)
export const BellIcon = icon(<path d="M4 12.500V8a5 5 0 0 1 10 0v4.500l1 1H3zM7.500 15.500h3" />)
export const AccountIcon = icon(
  <>
    <circle cx="9" cy="6" r="2.75" />
    <path d="M3.5 15c.6-2.9 2.7-4.25 5.5-4.25S13.900 12.100 14.500 15" />
  </>,
)
export const SettingsIcon = icon(
  <>
    <path d="M2.500 5.500h7M13.500 5.500h2M2.500 12.500h2M8.500 12.500h7" />
    <circle cx="11.500" cy="5.500" r="2" />
    <circle cx="6.500" cy="12.500" r="2" />
  </>,
)

export const ShieldIcon = icon(
  <path d="M9 2.500 14.500 4.500V9c0 3.300-2.300 5.500-5.500 6.500C5.800 14.500 3.500 12.300 3.500 9V4.500zM6.750 9l1.600 1.600L11.500 7.500" />,
)

/** The site's mark: a cut through stone. */
export function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <path fill="var(--mantine-color-verdigris-7)" d="M4 27 11 9l6 5 3-8 8 21z" />
      <path fill="var(--mantine-color-verdigris-3)" d="m11 9 6 5-3 13H4zM20 6l3 12-4 9h9z" />
    </svg>
  )
}

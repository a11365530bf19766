// A module of its own, so that it is this one component that is loaded on demand.
export { Modal } from '@mantine/core'

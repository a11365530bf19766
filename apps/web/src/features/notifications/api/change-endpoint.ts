import type { ChangeEndpoint, CreateEndpoint, DeliveryView, EndpointView, EndpointWithSecret } from '@quarry/contracts'
import { request } from '../../../http/request.ts'
import { endpointPath } from './notifications-query.ts'

/** Adds a webhook; the answer is the only time that its secret is shown. */
export function createEndpoint(json: CreateEndpoint): Promise<EndpointWithSecret> {
  return request('/api/v1/notifications/endpoints', { method: 'POST', json })
}

export function changeEndpoint(endpointId: string, json: ChangeEndpoint): Promise<EndpointView> {
  return request(endpointPath(endpointId), { method: 'POST', json })
}

export function removeEndpoint(endpointId: string): Promise<void> {
  return request(endpointPath(endpointId), { method: 'DELETE' })
}

/** Makes a new secret; the one before signs as well for a day. */
export function rotateSecret(endpointId: string): Promise<EndpointWithSecret> {
  return request(`${endpointPath(endpointId)}/secret`, { method: 'POST', json: { overlapHours: 24 } })
}

/** Sends a test and says what came of it. */
export function testEndpoint(endpointId: string): Promise<DeliveryView> {
  return request(`${endpointPath(endpointId)}/test`, { method: 'POST' })
}

/** Sends a line of the log again. */
export function resendDelivery(endpointId: string, eventId: string): Promise<DeliveryView> {
  return request(`${endpointPath(endpointId)}/deliveries/${encodeURIComponent(eventId)}/resend`, { method: 'POST' })
}

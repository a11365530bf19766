import { request } from '../../../http/request.ts'

/** Takes a device that is away off the list. */
export function forgetDevice(deviceId: string): Promise<unknown> {
  return request(`/api/v1/miners/${deviceId}`, { method: 'DELETE' })
}

import type { DiffAnswer, DiffRequest } from './diff.worker.ts'

/** Has a worker of its own compare, so that the page stays alive however large the texts are; aborting ends it. */
export function askWorker(request: DiffRequest, signal?: AbortSignal): Promise<DiffAnswer> {
  const worker = new Worker(new URL('diff.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<DiffAnswer>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<DiffAnswer>) => resolve(data))
    worker.addEventListener('error', (event) => reject(new Error(event.message)))
    signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')))
    worker.postMessage(request)
  }).finally(() => worker.terminate())
}

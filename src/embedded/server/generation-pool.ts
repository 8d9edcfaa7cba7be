/** The threads that write completions, seen from the server: requests go to the least busy one, events come back. */

import { Worker } from 'node:worker_threads'
import { ServerError } from '../../core/errors.ts'
import type { ModelCheckpoint } from '../model/checkpoint.ts'
import type { GenerationEvent, GenerationRequest } from '../model/generation.ts'
import type { WorkerCommand, WorkerReport } from './generation-worker.ts'

/** What becomes of a request; `failed` when its thread died. */
export type PoolEvent = GenerationEvent | { readonly kind: 'failed'; readonly id: number; readonly message: string }

export interface GenerationPool {
  /** Writes a completion; calling what it returns gives it up. */
  submit(request: Omit<GenerationRequest, 'id'>, onEvent: (event: PoolEvent) => void): () => void
  /** Later requests are written with these weights, earlier ones still with the old; resolves when all threads have them. */
  load(checkpoint: ModelCheckpoint): Promise<void>
  /** Whether all threads live. */
  healthy(): boolean
  close(): Promise<void>
}

interface Thread {
  readonly worker: Worker
  readonly requests: Map<number, (event: PoolEvent) => void>
  readonly loads: PromiseWithResolvers<void>[]
  /** To be sent at the end of this turn of the event loop: one message for all requests that came in it. */
  fresh: GenerationRequest[]
  cancelled: number[]
  death: string | undefined
  /** Being ended: what it still reports must not let the process end before it has. */
  isClosing: boolean
}

export function createGenerationPool(threadCount: number): GenerationPool {
  const threads = Array.from({ length: threadCount }, startThread)
  let nextId = 0
  let flushing = false

  const flush = (): void => {
    flushing = false
    for (const thread of threads) {
      if (thread.fresh.length > 0) send(thread, { kind: 'generate', requests: thread.fresh })
      if (thread.cancelled.length > 0) send(thread, { kind: 'cancel', ids: thread.cancelled })
      thread.fresh = []
      thread.cancelled = []
    }
  }
  const flushSoon = (): void => {
    if (!flushing) setImmediate(flush)
    flushing = true
  }

  return {
    submit(request, onEvent) {
      const id = nextId++
      const thread = leastBusy(threads)
      thread.requests.set(id, onEvent)
      keepAlive(thread)
      thread.fresh.push({ ...request, id })
      flushSoon()
      return () => {
        if (!thread.requests.delete(id)) return
        keepAlive(thread)
        thread.cancelled.push(id)
        flushSoon()
      }
    },
    async load({ shape, vocabulary, parameters }) {
      flush()
      await Promise.all(
        threads.map((thread) => {
          const loaded = Promise.withResolvers<void>()
          if (thread.death !== undefined) throw new ServerError(thread.death)
          thread.loads.push(loaded)
          keepAlive(thread)
          send(thread, { kind: 'load', checkpoint: { shape, vocabulary, parameters } })
          return loaded.promise
        }),
      )
    },
    healthy: () => threads.every((thread) => !thread.isClosing && thread.death === undefined),
    async close() {
      await Promise.all(
        threads.map((thread) => {
          thread.isClosing = true
          return thread.worker.terminate()
        }),
      )
    },
  }
}

function send({ worker }: Thread, command: WorkerCommand): void {
  worker.postMessage(command)
}

/** An idle thread does not keep the process alive, one that is being waited for does. */
function keepAlive({ worker, requests, loads, isClosing }: Thread): void {
  if (isClosing || requests.size + loads.length > 0) worker.ref()
  else worker.unref()
}

function leastBusy(threads: readonly Thread[]): Thread {
  return threads.reduce((best, thread) => (thread.requests.size < best.requests.size ? thread : best))
}

function startThread(): Thread {
  const worker = new Worker(new URL(`./generation-worker${import.meta.url.slice(-3)}`, import.meta.url))
  worker.unref()
  const thread: Thread = {
    worker,
    requests: new Map(),
    loads: [],
    fresh: [],
    cancelled: [],
    death: undefined,
    isClosing: false,
  }
  worker.on('message', (report: WorkerReport) => {
    if (report.kind === 'loaded') thread.loads.shift()?.resolve()
    else for (const event of report.events) deliver(thread, event)
    keepAlive(thread)
  })
  worker.on('error', (error) => end(thread, `A thread of the embedded model failed: ${error.message}.`))
  worker.on('exit', () => end(thread, 'The embedded model was closed.'))
  return thread
}

function deliver({ requests }: Thread, event: GenerationEvent): void {
  // A request that was given up is gone from the map, and may still have been written on for a step.
  const onEvent = requests.get(event.id)
  if (event.kind === 'end') requests.delete(event.id)
  onEvent?.(event)
}

function end(thread: Thread, message: string): void {
  thread.death ??= message
  for (const loaded of thread.loads.splice(0)) loaded.reject(new ServerError(thread.death))
  for (const [id, onEvent] of thread.requests) onEvent({ kind: 'failed', id, message: thread.death })
  thread.requests.clear()
}

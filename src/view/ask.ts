/** Asks a worker, with a deadline: a question that takes longer is given up, and the worker with it. */

import { Worker } from 'node:worker_threads'
import { SpendwiseError } from '../core/errors.ts'
import type { Asked, Question, Reply } from './protocol.ts'

/** A question that was given up. */
export class TooLate extends Error {}

/** A question that the run cannot answer; its message is a sentence. */
export class Unanswerable extends SpendwiseError {
  constructor(message: string) {
    super(message, 1)
  }
}

export interface Asker {
  /**
   * @throws TooLate at the deadline; Unanswerable with the sentence that the worker gave
   */
  ask(question: Question, deadlineMs?: number): Promise<unknown>
  close(): Promise<void>
}

const DEADLINE_MS = 20_000
/** What is read of a million rows is done with at once: a large nursery would only be memory. */
export const YOUNG_MB = 12

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

export function createAsker(): Asker {
  let worker: Worker | undefined
  let nextId = 1
  const waiting = new Map<number, Waiting>()

  const failAll = (error: Error): void => {
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(error)
    }
    waiting.clear()
  }
  const restart = (error: Error): void => {
    const old = worker
    worker = undefined
    failAll(error)
    void old?.terminate()
  }
  const start = (): Worker => {
    const fresh = new Worker(new URL(`./query-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: YOUNG_MB },
    })
    fresh.unref()
    fresh.on('message', (reply: Reply) => {
      const asked = waiting.get(reply.id)
      if (!asked) return
      waiting.delete(reply.id)
      clearTimeout(asked.timer)
      if (reply.ok) asked.resolve(reply.value)
      else asked.reject(new Unanswerable(reply.message))
    })
    fresh.on('error', (error: Error) => {
      if (worker === fresh) restart(new TooLate(`The query ended its thread (${error.message}); ask for less.`))
    })
    return fresh
  }
  return {
    ask(question, deadlineMs = DEADLINE_MS) {
      return new Promise((resolve, reject) => {
        worker ??= start()
        const id = nextId++
        const timer = setTimeout(
          () =>
            restart(new TooLate(`The query took longer than ${deadlineMs / 1000} s and was given up; ask for less.`)),
          deadlineMs,
        )
        waiting.set(id, { resolve, reject, timer })
        worker.postMessage({ id, question } satisfies Asked)
      })
    },
    async close() {
      const old = worker
      worker = undefined
      failAll(new TooLate('The viewer was stopped.'))
      await old?.terminate()
    },
  }
}

/** Thread entry: writes completions for requests that come at any time, many at once, and swaps weights between them. */

import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import type { ModelCheckpoint } from '../model/checkpoint.ts'
import { createGenerator, type GenerationEvent, type GenerationRequest, type Generator } from '../model/generation.ts'
import { createWorkspace } from '../model/kernels.ts'
import { createModel } from '../model/model.ts'
import { createTokenizer } from '../model/tokenizer.ts'

/** Texts written side by side; more gains nothing, as the cached keys no longer fit the processor's cache. */
export const SLOTS = 64

/** Taken in their order: requests before a load are still written with the old weights. */
export type WorkerCommand =
  | { readonly kind: 'generate'; readonly requests: readonly GenerationRequest[] }
  | { readonly kind: 'load'; readonly checkpoint: Omit<ModelCheckpoint, 'optimizer'> }
  | { readonly kind: 'cancel'; readonly ids: readonly number[] }

export type WorkerReport =
  | { readonly kind: 'events'; readonly events: readonly GenerationEvent[] }
  | { readonly kind: 'loaded' }

type Waiting = GenerationRequest | Extract<WorkerCommand, { kind: 'load' }>

/** Serves commands that come through the port. */
function serve(port: NonNullable<typeof parentPort>): void {
  const waiting: Waiting[] = []
  let events: GenerationEvent[] = []
  let generator: Generator | undefined
  const report = (message: WorkerReport): void => port.postMessage(message)

  const take = (command: WorkerCommand): void => {
    if (command.kind === 'generate') waiting.push(...command.requests)
    else if (command.kind === 'load') waiting.push(command)
    else for (const id of command.ids) cancel(id)
  }

  const cancel = (id: number): void => {
    const place = waiting.findIndex((item) => 'id' in item && item.id === id)
    if (place >= 0) waiting.splice(place, 1)
    else generator?.cancel(id)
  }

  /** Lets in what can be let in now: requests into free slots, or new weights once nothing is being written. */
  const admit = (): void => {
    const load = waiting.findIndex((item) => 'kind' in item)
    const requests = (load < 0 ? waiting : waiting.slice(0, load)) as GenerationRequest[]
    if (requests.length > 0) waiting.splice(0, generator?.admit(requests) ?? requests.length)
    else if (load === 0 && (generator?.active() ?? 0) === 0) {
      const command = waiting.shift() as Extract<WorkerCommand, { kind: 'load' }>
      const { shape, parameters, vocabulary } = command.checkpoint
      const model = createModel(createWorkspace(), shape, parameters)
      generator = createGenerator(model, createTokenizer(vocabulary), SLOTS, (event) => events.push(event))
      report({ kind: 'loaded' })
    }
  }

  port.on('message', (command: WorkerCommand) => {
    take(command)
    while (waiting.length > 0 || (generator?.active() ?? 0) > 0) {
      admit()
      generator?.step()
      if (events.length > 0) report({ kind: 'events', events })
      events = []
      // Messages are picked up between steps, without going back to the event loop.
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message)
    }
  })
}

if (parentPort) serve(parentPort)

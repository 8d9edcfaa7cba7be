/** Generation with cached keys and values: every slot is a text of its own length, refilled as soon as it is free. */

import { createRandom, type Random } from '../../core/seed.ts'
import { type Choice, chooseToken } from './choice.ts'
import { type CompletionText, createCompletionText } from './completion-text.ts'
import {
  type Activations,
  allocateInPlace,
  attendWithin,
  attentionScale,
  forward,
  predict,
  weightStride,
} from './forward.ts'
import type { Pointer } from './kernels.ts'
import type { Model } from './model.ts'
import { END, type Tokenizer } from './tokenizer.ts'

export interface GenerationRequest extends Choice {
  readonly id: number
  /** Tokens of the prompt; together with `maxTokens` they fit the context. */
  readonly prompt: readonly number[]
  readonly seed: number
  readonly maxTokens: number
  readonly stop: readonly string[]
  /** Whether pieces are wanted while the text grows. */
  readonly stream: boolean
}

/** What happened to a request: a further piece of its text, or its end with all that was not yet sent. */
export type GenerationEvent =
  | { readonly kind: 'piece'; readonly id: number; readonly text: string }
  | {
      readonly kind: 'end'
      readonly id: number
      readonly text: string
      /** Generated tokens, the closing `<eos>` included. */
      readonly tokens: number
      readonly finish: 'stop' | 'length'
    }

/** A text depends on weights, prompt, seed and parameters alone: neither its slot nor its neighbours change a bit of it. */
export interface Generator {
  /** Texts being written. */
  active(): number
  /** Takes as many of the requests as there are free slots, and reads their prompts; gives back how many. */
  admit(requests: readonly GenerationRequest[]): number
  /** Writes one more token of every active text. */
  step(): void
  /** Forgets a request, if it is still active. */
  cancel(id: number): void
}

interface ActiveText {
  readonly request: GenerationRequest
  readonly slot: number
  readonly random: Random
  readonly text: CompletionText
  /** The token chosen last, not yet seen by the model, and its place. */
  token: number
  position: number
  tokens: number
}

/** Prompt tokens read in one pass; more only where one prompt is longer. */
const PROMPT_TOKENS = 1024

export function createGenerator(
  model: Model,
  tokenizer: Tokenizer,
  slots: number,
  emit: (event: GenerationEvent) => void,
): Generator {
  const { workspace, shape } = model
  const { kernels, allocate } = workspace
  const { width, heads, context } = shape
  const head = width / heads
  const { rows } = model.layout
  const room = Math.max(PROMPT_TOKENS, context, slots)
  const keys = Array.from({ length: shape.layers }, () => allocate(slots * context * width))
  const values = Array.from({ length: shape.layers }, () => allocate(slots * context * width))
  const activations = allocateInPlace(workspace, shape, room)
  const weights = allocate(heads * context * weightStride(context))
  const [tokens, positions, lastRows] = [allocate(room), allocate(room), allocate(slots)]
  const [states, inverse, logits] = [allocate(slots * width), allocate(slots), allocate(slots * rows)]
  const free = Array.from({ length: slots }, (_, slot) => slots - 1 - slot)
  let active: ActiveText[] = []

  /** Where the cache of one slot begins in one layer. */
  const cacheOf = (layers: readonly Pointer[], layer: number, slot: number): Pointer =>
    (layers[layer] ?? 0) + 4 * slot * context * width

  const remember = (layer: number, { projected }: Activations, row: number, count: number, text: ActiveText): void => {
    const [key, value] = [cacheOf(keys, layer, text.slot), cacheOf(values, layer, text.slot)]
    kernels.remember(projected + 4 * row * 3 * width, count, width, key, value, context, text.position)
  }

  /** Chooses the next token of each text from `states`; texts that end leave their slots. */
  const choose = (texts: readonly ActiveText[]): void => {
    predict(model, states, states, inverse, logits, texts.length)
    texts.forEach((text, row) => {
      text.token = chooseToken(workspace, logits + 4 * row * rows, shape.vocabulary, rows, text.request, text.random)
      text.tokens++
      const piece = tokenizer.textOf(text.token)
      const stopped = text.token === END || text.text.push(piece)
      if (!stopped && text.tokens < text.request.maxTokens) {
        if (text.request.stream) emitPiece(text)
        return
      }
      free.push(text.slot)
      const { id } = text.request
      emit({ kind: 'end', id, text: text.text.rest(), tokens: text.tokens, finish: stopped ? 'stop' : 'length' })
      text.position = -1
    })
    active = active.filter((text) => text.position >= 0)
  }

  const emitPiece = (text: ActiveText): void => {
    const piece = text.text.ready()
    if (piece !== '') emit({ kind: 'piece', id: text.request.id, text: piece })
  }

  /** Reads the prompts of new texts in one pass. */
  const readPrompts = (texts: readonly ActiveText[], count: number): void => {
    const [tokenView, positionView] = [workspace.integers(tokens, count), workspace.integers(positions, count)]
    const rowView = workspace.integers(lastRows, texts.length)
    const starts: number[] = []
    let row = 0
    texts.forEach((text, at) => {
      starts.push(row)
      text.request.prompt.forEach((token, position) => {
        tokenView[row] = token
        positionView[row++] = position
      })
      rowView[at] = row - 1
    })
    forward(
      model,
      { count, tokens, positions },
      () => activations,
      (layer) => {
        texts.forEach((text, at) => {
          const from = starts[at] ?? 0
          const { length } = text.request.prompt
          attendWithin(model, activations, from, length, weights)
          remember(layer, activations, from, length, text)
        })
      },
    )
    for (const text of texts) text.position = text.request.prompt.length
    kernels.gatherRows(activations.output, lastRows, states, texts.length, width)
    active.push(...texts)
    choose(texts)
  }

  return {
    active: () => active.length,
    admit(requests) {
      let taken = 0
      while (taken < requests.length && free.length > 0) {
        const texts: ActiveText[] = []
        let count = 0
        for (let request = requests[taken]; request !== undefined; request = requests[taken]) {
          if (texts.length > 0 && count + request.prompt.length > room) break
          const slot = free.pop()
          if (slot === undefined) break
          texts.push(begin(request, slot))
          count += request.prompt.length
          taken++
        }
        readPrompts(texts, count)
      }
      return taken
    },
    step() {
      const count = active.length
      if (count === 0) return
      const [tokenView, positionView] = [workspace.integers(tokens, count), workspace.integers(positions, count)]
      active.forEach((text, row) => {
        tokenView[row] = text.token
        positionView[row] = text.position
      })
      forward(
        model,
        { count, tokens, positions },
        () => activations,
        (layer) => {
          active.forEach((text, row) => {
            remember(layer, activations, row, 1, text)
            const [key, value] = [cacheOf(keys, layer, text.slot), cacheOf(values, layer, text.slot)]
            const query = activations.projected + 4 * row * 3 * width
            const out = activations.attended + 4 * row * width
            kernels.attend(query, key, value, context, text.position + 1, width, head, out, attentionScale(head))
          })
        },
      )
      for (const text of active) text.position++
      kernels.copy(activations.output, states, count * width)
      choose(active)
    },
    cancel(id) {
      const text = active.find(({ request }) => request.id === id)
      if (text === undefined) return
      free.push(text.slot)
      active = active.filter((other) => other !== text)
    },
  }
}

function begin(request: GenerationRequest, slot: number): ActiveText {
  const text = createCompletionText(request.stop)
  return { request, slot, random: createRandom(request.seed), text, token: END, position: 0, tokens: 0 }
}

/** A request as a run sends it. Whoever tries a server out before the run sends the same. */

import type { CompletionKey } from '../../core/completion.ts'
import type { Problem } from '../../core/problem.ts'
import type { SampleRequest, SamplingParameters } from '../../core/sampler.ts'
import { renderPrompt } from '../../prompt/render.ts'
import type { StoredPrompt } from '../../store/runs.ts'

export interface RequestHead {
  readonly key: CompletionKey
  readonly issue: number
  /** Served name. */
  readonly model: string
  /** Identity of the weights; undefined where nobody knows them. */
  readonly checkpoint: string | undefined
  readonly seed: number
}

export function requestFor(
  { checkpoint, ...head }: RequestHead,
  prompt: StoredPrompt,
  problem: Problem,
  parameters: SamplingParameters,
): SampleRequest {
  const { temperature, topP, topK, maxTokens, stop, templateKwargs = {}, extraBody = {} } = parameters
  return {
    ...head,
    messages: renderPrompt(prompt, problem),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    // A prompt that brings stop strings of its own needs them wherever it is sent.
    parameters: {
      temperature,
      topP,
      topK,
      maxTokens,
      stop: [...new Set([...stop, ...prompt.stop])],
      templateKwargs,
      extraBody,
    },
  }
}

/** The prompt of a stored completion as it was sent: the stored template and the stored question, rendered again. */

import { HINT_PLACEHOLDER } from '../config/sections/rationalize.ts'
import { readStoredConfig } from '../config/stored.ts'
import type { Purpose } from '../core/completion.ts'
import type { Message } from '../core/message.ts'
import { renderPrompt } from '../prompt/render.ts'
import type { PromptRole } from '../store/runs.ts'
import type { Store } from '../store/store.ts'

export interface PromptSent {
  readonly name: string
  readonly api: 'chat' | 'completions'
  readonly messages: readonly Message[]
}

const ROLE: Readonly<Record<Purpose, PromptRole>> = {
  train: 'sampling',
  pilot: 'sampling',
  probe: 'sampling',
  hint: 'sampling',
  gate: 'evaluation',
  evaluate: 'evaluation',
  greedy: 'evaluation',
}

/** Undefined where the store holds no prompts. */
export function promptSent(
  store: Store,
  { purpose, question, gold }: { readonly purpose: Purpose; readonly question: string; readonly gold: string },
): PromptSent | undefined {
  const run = store.run.read()
  if (!run) return undefined
  const { name, api, messages } = store.run.prompts()[ROLE[purpose]]
  const asked = purpose === 'hint' ? question + hintOf(run.config, gold) : question
  return { name, api, messages: renderPrompt({ messages }, { question: asked }) }
}

function hintOf(config: string, gold: string): string {
  const hint = readStoredConfig(config).rationalize?.hint ?? ''
  return hint.replaceAll(HINT_PLACEHOLDER, () => gold)
}

/** Traces that think before they answer, in formats that other people's chat templates come between. */

import { type ExportFormat, formatOf } from '../../export/formats.ts'
import type { Store } from '../../store/store.ts'

/** Formats whose rows are put into tokens without a chat template. */
const WITHOUT_TEMPLATE: ReadonlySet<ExportFormat> = new Set(['token-ids', 'text', 'prompt-completion-text'])

/** What whoever exports thinking should know; undefined where there is none, or no template. */
export function thinkingNote(
  store: Store,
  iterations: readonly number[] | undefined,
  format: ExportFormat,
): string | undefined {
  if (WITHOUT_TEMPLATE.has(format) || formatOf(format).rows === 'problems') return undefined
  const { thinking, told } = store.exports.thinking(iterations)
  if (thinking === 0) return undefined
  const way = told > 0 ? '--format token-ids has the very tokens, and recipes/train_sft.py' : 'recipes/train_sft.py'
  return `${thinking} accepted traces think before they answer. Chat templates of reasoning models drop or rewrite that (DeepSeek-R1's, Qwen 3's), so a trainer that renders messages by them may train on other tokens than were sampled; ${way} takes them as they are (docs/reasoning.md).`
}

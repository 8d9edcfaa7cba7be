/** Traces that other people's chat templates rewrite, in formats that these come between. */

import { type ExportFormat, formatOf } from '../../export/formats.ts'
import type { Store } from '../../store/store.ts'

/** Formats whose rows are put into tokens without a chat template. */
const WITHOUT_TEMPLATE: ReadonlySet<ExportFormat> = new Set(['token-ids', 'text', 'prompt-completion-text'])

/** What whoever exports thinking, or completions with blanks at their edges, should know; undefined where there are none, or no template. */
export function templateNote(
  store: Store,
  iterations: readonly number[] | undefined,
  format: ExportFormat,
): string | undefined {
  if (WITHOUT_TEMPLATE.has(format) || formatOf(format).rows === 'problems') return undefined
  const { thinking, edged, told } = store.exports.templateRisks(iterations)
  const risks = [
    thinking > 0
      ? `${thinking} accepted traces think before they answer, which chat templates of reasoning models drop or rewrite (DeepSeek-R1's, Qwen 3's)`
      : '',
    edged > 0
      ? `${edged} accepted traces begin or end with blanks or line breaks, which many templates cut off (Llama 3's, Gemma's, Mistral's)`
      : '',
  ].filter((risk) => risk !== '')
  if (risks.length === 0) return undefined
  const way = told > 0 ? '--format token-ids has the very tokens, and recipes/train_sft.py' : 'recipes/train_sft.py'
  return `${risks.join('; ')}. A trainer that renders messages by such a template trains on other tokens than were sampled; ${way} takes them as they are (docs/export.md).`
}

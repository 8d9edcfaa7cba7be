/** Sample traces on the page: what the model wrote, folded up under what became of it. */

import type { Disposition } from '../../core/trace.ts'
import { counted } from '../format.ts'
import { judgement } from '../judgement.ts'
import { type Content, html, type Markup } from '../markup.ts'
import { mathText } from '../math/mathml.ts'
import { segmentsOf } from '../math/segments.ts'
import { levelName, nameOf } from '../measured.ts'
import type { ReportTrace } from '../view.ts'
import { clip, visibleLine } from '../visible.ts'

/** Characters of one text that are shown, and traces in all: the page stays below a megabyte. */
const SHOWN_CHARACTERS = 4000
const SHOWN_TRACES = 60

const GROUPS: readonly { readonly fate: Disposition | null; readonly title: string }[] = [
  { fate: 'accepted', title: 'Accepted' },
  { fate: 'wrong', title: 'Wrong' },
  { fate: 'truncated', title: 'Truncated' },
  { fate: 'surplus', title: 'Surplus: correct, beyond what the iteration asked for' },
  { fate: 'duplicate', title: 'Duplicates: correct, and already there' },
  { fate: 'over-cap', title: 'Over the cap of their problem' },
  { fate: 'unsound', title: 'Unsound: correct, with an equation that is false' },
  { fate: 'restated', title: 'Restated: the answer only repeats a formula of the question' },
  { fate: 'too-long', title: 'Too long: correct, of more tokens than accept.maxTokens' },
  { fate: 'failed', title: 'Failed: no text came back' },
  { fate: 'unanswered', title: 'Never answered, though their place is before the last accepted trace' },
  { fate: null, title: 'Others' },
]

/** Folded traces by disposition. */
export function sampleTraces(traces: readonly ReportTrace[]): Content {
  if (traces.length === 0) return html`<p class="quiet">There is no trace to read yet.</p>`
  const shown = traces.slice(0, SHOWN_TRACES)
  const left = traces.length - shown.length
  return [
    GROUPS.map(({ fate, title }) => {
      const group = shown.filter((trace) => trace.disposition === fate)
      return group.length > 0 && html`<h3 class="group">${title}</h3>\n${group.map(traceDetails)}`
    }),
    left > 0 && html`<p class="quiet">${counted(left, 'more trace')} left out.</p>`,
  ]
}

function traceDetails(trace: ReportTrace): Markup {
  const tokens = counted(trace.completionTokens, 'token')
  const level = trace.level === null ? '' : `, ${levelName(clip(trace.level, 40))}`
  return html`<details id="trace-${trace.id}"><summary><bdi>${clip(visibleLine(trace.question), 110)}</bdi> <span class="quiet">iteration ${nameOf(trace.iteration)}, ${tokens}</span></summary>
<div class="trace"><h4>Question <code>${clip(trace.problem, 200)} #${trace.index}</code>${level}</h4><p class="text">${mathText(shorten(trace.question))}</p>
<h4>Completion</h4>${completion(shorten(trace.text))}
<h4>Judgement</h4><p class="text">${judgement(trace)}</p></div></details>
`
}

/** With its formulas set, and as it was written where that is not the same. */
function completion(text: string): Markup {
  const hasFormulas = segmentsOf(text).some(({ kind }) => kind === 'math')
  if (!hasFormulas) return html`<pre>${text}</pre>`
  return html`<div class="text set">${mathText(text)}</div><details class="raw"><summary>As it was written</summary><pre>${text}</pre></details>`
}

function shorten(text: string): string {
  return clip(text, SHOWN_CHARACTERS)
}

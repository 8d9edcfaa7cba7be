/** Why a completion was judged as it was, in one line. */

import type { ReportTrace } from './view.ts'
import { clip, visibleLine } from './visible.ts'

/** Gold, extracted, verdict with its rule, and what became of it. */
export function judgement(trace: ReportTrace): string {
  const said = trace.extracted === null ? 'nothing extracted' : `extracted ${quoted(trace.extracted)}`
  const verdict = trace.verdict === null ? 'not verified' : trace.verdict
  const method = trace.method === 'probed' ? ' (probed)' : ''
  const rule = trace.rule === null || trace.rule === '' ? '' : ` by ${visibleLine(trace.rule)}${method}`
  const fate = trace.disposition === null ? '' : ` → ${trace.disposition}`
  return `gold ${quoted(trace.gold)}, ${said}: ${verdict}${rule}${fate}`
}

function quoted(text: string): string {
  return `"${visibleLine(clip(text, 200))}"`
}

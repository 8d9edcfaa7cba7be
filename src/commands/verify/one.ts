/** One pair, explained on a few lines or as JSON. */

import { explain, type SideExplanation } from '../../verify/explain.ts'
import type { Policies } from '../../verify/policy.ts'

export function verifyOne(gold: string, answer: string, flags: { policies: Policies; json: boolean }): string {
  const start = performance.now()
  const explanation = explain(gold, answer, flags.policies)
  const ms = Number((performance.now() - start).toFixed(3))
  if (flags.json) return `${JSON.stringify({ ...explanation, ms })}\n`
  return [
    `verdict  ${explanation.verdict}`,
    `rule     ${explanation.rule} (${methodOf(explanation)}): ${explanation.reason}`,
    `gold     ${describe(explanation.gold)}`,
    `answer   ${describe(explanation.answer)}`,
    `checker  ${explanation.checker}`,
    '',
  ].join('\n')
}

function methodOf({ method, points }: { readonly method: string; readonly points: number }): string {
  return points > 0 ? `${method} at ${points} points` : method
}

function describe({ extracted, extraction, parsed }: SideExplanation): string {
  return extracted === undefined
    ? `none found (${extraction})`
    : `${shown(extracted)} (${extraction}) read as ${shown(parsed ?? '')}`
}

/** Model text may hold escape sequences for the terminal; controls are shown as JSON shows them. */
function shown(text: string): string {
  const quoted = JSON.stringify(text.length > 400 ? `${text.slice(0, 400)}…` : text)
  return quoted.slice(1, -1).replace(/\\\\/g, '\\').replace(/\\"/g, '"')
}

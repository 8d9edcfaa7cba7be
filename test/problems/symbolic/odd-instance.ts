/** What no generated problem may look like. */

import type { GeneratedRow } from '../../../src/problems/symbolic/generate.ts'

/** Its solution ends in another number than its answer, or a placeholder or a non-value shows. */
export function isOdd({ question, solution, answer }: GeneratedRow): boolean {
  return lastNumber(solution) !== Number(answer) || /[{}]|undefined|None|NaN/.test(question + solution)
}

function lastNumber(text: string): number {
  const last = text.match(/-?\d[\d,]*(?:\.\d+)?/g)?.at(-1)
  return Number(last?.replaceAll(',', ''))
}

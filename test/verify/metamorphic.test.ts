import { describe } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { expectChangesToHold } from './gold-changes.ts'
import { sharedRows } from './shared-data.ts'

const { rows, reason, absent } = sharedRows('verifier-cases/gold-answers-dev.jsonl')
/** Every fifth gold, from a place that its own characters give; all of them are in metamorphic.slow.test.ts. */
const golds = [...new Set(rows.map(({ gold }) => String(gold)))].filter(
  (gold) => seedOf(gold) % 5 === 2 && judge(gold, gold).kind === 'correct',
)

function seedOf(text: string): number {
  let state = 7
  for (const character of text) state = (Math.imul(state, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  return state
}

describe.skipIf(absent)(`changed copies of published golds${reason}`, () => expectChangesToHold(golds))

import { describe } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { expectChangesToHold } from './gold-changes.ts'
import { sharedRows } from './shared-data.ts'

const { rows, reason, absent } = sharedRows('verifier-cases/gold-answers-dev.jsonl')
const golds = [...new Set(rows.map(({ gold }) => String(gold)))].filter((gold) => judge(gold, gold).kind === 'correct')

describe.skipIf(absent)(`changed copies of all published golds${reason}`, () => expectChangesToHold(golds))

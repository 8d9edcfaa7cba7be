/** A verdict explained: what was taken from each side, how it was read, and which rule decided. Data, not text. */

import type { VerdictKind } from '../core/verdict.ts'
import { examine, type JudgeOptions, type Side } from './judge.ts'
import type { Answer } from './parse.ts'
import { formatRational } from './rational.ts'

export interface SideExplanation {
  /** The answer as it stands in the text; undefined where none was found. */
  readonly extracted: string | undefined
  /** How it was found: `extract:boxed`. */
  readonly extraction: string
  /** How it was read: `number 1/2`, `text (1,2)`, `too large (limit:depth)`; undefined where nothing was extracted. */
  readonly parsed: string | undefined
}

export interface Explanation {
  readonly gold: SideExplanation
  readonly answer: SideExplanation
  readonly verdict: VerdictKind
  readonly rule: string
  /** The rule in words. */
  readonly reason: string
  readonly checker: string
}

/** Same verdict as `judge`, with the way to it. */
export function explain(gold: string, completion: string, options: JudgeOptions = {}): Explanation {
  const examination = examine(gold, completion, options)
  const { kind, rule, checker } = examination.judgement
  return {
    gold: explainSide(examination.gold),
    answer: explainSide(examination.completion),
    verdict: kind,
    rule,
    reason: reasonOf(rule),
    checker,
  }
}

function explainSide({ extraction, answer }: Side): SideExplanation {
  if (extraction.kind === 'none') return { extracted: undefined, extraction: 'extract:none', parsed: undefined }
  return {
    extracted: extraction.answer,
    extraction: extraction.rule,
    parsed: answer ? describeAnswer(answer) : describeUnread(extraction.kind),
  }
}

function describeUnread(kind: 'found' | 'malformed' | 'too-large'): string | undefined {
  if (kind === 'malformed') return 'nothing: the marker holds no answer'
  return kind === 'too-large' ? 'not looked at: too large' : undefined
}

function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'number': {
      const sign = answer.percent ? '%' : ''
      const measure = answer.measure === undefined ? '' : ` ${answer.measure}`
      const name = answer.name === undefined ? '' : ` (as ${answer.name})`
      return `number ${formatRational(answer.value)}${sign}${measure}${name}`
    }
    case 'text':
      return `text ${answer.text}`
    case 'too-large':
      return `too large (${answer.limit})`
  }
}

const REASONS: Readonly<Record<string, string>> = {
  text: 'both sides are the same text',
  number: 'both sides are numbers and were compared exactly',
  percent: 'one side has a percent sign and was compared as the percent policy says',
  measure: 'the sides have different units, which are not converted',
  name: 'the sides give values of different names',
  parse: 'the gold answer is a number and this answer could not be read as one',
  'gold:text': 'the gold answer is no number and the texts differ; no rule decides',
  'gold:none': 'the gold answer is empty or malformed',
  'gold:limit': 'the gold answer is beyond the limits',
  'extract:none': 'no answer was found in the text',
}

function reasonOf(rule: string): string {
  if (rule.startsWith('limit:')) return `the answer is beyond the limit on ${rule.slice('limit:'.length)}`
  return REASONS[rule] ?? 'the last answer marker holds no complete answer'
}

/** A verdict explained: what was taken from each side, how it was read, and which rule decided. Data, not text. */

import type { VerdictKind } from '../core/verdict.ts'
import { formatRational } from './algebra/rational.ts'
import type { Comparison } from './compare/compare.ts'
import { type ShownPoint, shownPoints } from './compare/shown-points.ts'
import { examine, type JudgeOptions } from './decide.ts'
import { describeTree } from './describe.ts'
import type { Extraction } from './extract/extract.ts'
import type { Answer, TreeReading } from './read/parse.ts'
import { reasonOf } from './reasons.ts'

export interface SideExplanation {
  /** The answer as it stands in the text; undefined where none was found. */
  readonly extracted: string | undefined
  /** How it was found: `extract:boxed`. */
  readonly extraction: string
  /** How it was read: `number 1/2`, `list (1, 2)`, `too large (limit:depth)`; undefined where nothing was extracted. */
  readonly parsed: string | undefined
  /** Where it stands in its text, [from, to) in characters; undefined where it is not in it word for word. */
  readonly place: readonly [number, number] | undefined
}

export interface Explanation {
  readonly gold: SideExplanation
  readonly answer: SideExplanation
  readonly verdict: VerdictKind
  readonly rule: string
  readonly method: Comparison['method']
  /** Points at which both sides agreed, where they were probed. */
  readonly points: number
  /** The first of the points, with the values of both sides; empty where nothing was probed. */
  readonly probed: readonly ShownPoint[]
  /** The rule in words. */
  readonly reason: string
  readonly checker: string
}

/** Same verdict as `judge`, with the way to it. */
export function explain(gold: string, completion: string, options: JudgeOptions = {}): Explanation {
  const examination = examine(gold, completion, options)
  const { compared, judgement } = examination
  const { kind, rule, method, checker } = judgement
  return {
    gold: explainSide(gold, examination.gold, compared?.gold, compared?.goldTree),
    answer: explainSide(completion, examination.completion, compared?.answer, compared?.answerTree),
    verdict: kind,
    rule,
    method,
    points: compared?.comparison.points ?? 0,
    probed: method === 'probed' ? shownPoints(compared?.goldTree?.tree, compared?.answerTree?.tree) : [],
    reason: reasonOf(rule),
    checker,
  }
}

function explainSide(
  text: string,
  extraction: Extraction,
  answer: Answer | undefined,
  reading: TreeReading | undefined,
): SideExplanation {
  if (extraction.kind === 'none')
    return { extracted: undefined, extraction: 'extract:none', parsed: undefined, place: undefined }
  return {
    extracted: extraction.answer,
    extraction: extraction.rule,
    parsed: describeRead(extraction.kind, answer, reading),
    place: extraction.kind === 'found' ? placeOf(text, extraction.answer, extraction.rule) : undefined,
  }
}

/** The last place, as answers stand at the end; in a box, inside the last one, whatever is said behind it. */
function placeOf(text: string, answer: string, rule: string): readonly [number, number] | undefined {
  const box = rule === 'extract:boxed' ? Math.max(text.lastIndexOf('\\boxed'), text.lastIndexOf('\\fbox')) : -1
  const inside = box < 0 ? -1 : text.indexOf(answer, box)
  const from = inside < 0 ? text.lastIndexOf(answer) : inside
  return from < 0 || answer === '' ? undefined : [from, from + answer.length]
}

function describeRead(
  kind: 'found' | 'malformed' | 'too-large',
  answer: Answer | undefined,
  reading: TreeReading | undefined,
): string | undefined {
  if (kind === 'malformed') return 'nothing: the marker holds no answer'
  if (kind === 'too-large') return 'not looked at: too large'
  if (reading?.isTooLarge) return 'too large (limit:steps)'
  if (answer?.kind === 'number') return describeNumber(answer)
  if (reading?.tree) return describeTree(reading.tree)
  if (answer === undefined) return 'the same text'
  return answer.kind === 'text' ? `text ${answer.text}` : `too large (${answer.limit})`
}

function describeNumber(answer: Extract<Answer, { kind: 'number' }>): string {
  const sign = answer.percent ? '%' : ''
  const measure = answer.measure === undefined ? '' : ` ${answer.measure}`
  const name = answer.name === undefined ? '' : ` (as ${answer.name})`
  return `number ${formatRational(answer.value)}${sign}${measure}${name}`
}

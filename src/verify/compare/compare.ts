/** Decides whether two answers are equal, by the cheapest rule that can: text, numbers, choices, then trees. */

import type { VerdictKind } from '../../core/verdict.ts'
import { workedOut } from '../algebra/calculus.ts'
import { isEqual } from '../algebra/rational.ts'
import { createSteps, type Steps, StepsExceeded } from '../algebra/steps.ts'
import type { VerifyLimits } from '../limits.ts'
import type { Policies } from '../policy.ts'
import { type Answer, parseAnswer, parseTree, type TreeReading } from '../read/parse.ts'
import { choiceOf, choicesOf } from '../read/words.ts'
import type { Rule } from '../reasons.ts'
import { squeezeText } from '../spelling/clean.ts'
import { expressionsOf, type Tree } from '../tree.ts'
import { sameTruth } from './logic.ts'
import { mayNotCommute, sameProduct } from './order.ts'
import { otherReadings, withoutOption } from './other-readings.ts'
import type { Outcome } from './outcome.ts'
import { compareTrees } from './trees.ts'
import { asWholeSet } from './whole-sets.ts'

export interface Comparison {
  readonly kind: VerdictKind
  /** What decided, for example `number`, `list`, `probe`, or the limit that was exceeded (`limit:digits`). */
  readonly rule: Rule
  /** `probed` where numeric probing took part; `exact` otherwise. */
  readonly method: 'exact' | 'probed'
  /** Points at which both sides agreed, where they were probed. */
  readonly points: number
}

/** Both sides as they were read, as far as it went. */
export interface Compared {
  readonly gold: Answer
  readonly answer: Answer
  readonly goldTree: TreeReading | undefined
  readonly answerTree: TreeReading | undefined
  readonly comparison: Comparison
}

/** First rule that applies decides; nothing unreadable is ever called incorrect. */
export function compareAnswers(gold: string, answer: string, policies: Policies, limits: VerifyLimits): Compared {
  const left = parseAnswer(gold, limits)
  const right = parseAnswer(answer, limits)
  const cheap = compareCheaply(gold, left, answer, right)
  if (cheap) return { gold: left, answer: right, goldTree: undefined, answerTree: undefined, comparison: cheap }
  const goldTree = parseTree(gold, limits)
  const answerTree = parseTree(answer, limits)
  const comparison = compareReadings(goldTree, answerTree, policies, limits)
  const name = comparison.kind === 'correct' ? undefined : nameConflict(left, right)
  return { gold: left, answer: right, goldTree, answerTree, comparison: name ?? comparison }
}

function decided(kind: VerdictKind, rule: Rule): Comparison {
  return { kind, rule, method: 'exact', points: 0 }
}

/** What needs no tree; undefined where it is open. */
function compareCheaply(goldText: string, gold: Answer, answerText: string, answer: Answer): Comparison | undefined {
  if (gold.kind === 'too-large') return decided('undecided', 'gold:limit')
  if (answer.kind === 'too-large') return decided('too-large', answer.limit)
  if (gold.kind === 'text' && answer.kind === 'text' && squeezeText(gold.text) === squeezeText(answer.text)) {
    return decided('correct', 'text')
  }
  if (gold.kind === 'number' && answer.kind === 'number') {
    const isPlain =
      gold.percent === answer.percent && gold.measure === answer.measure && mayBeSameNoun(gold.noun, answer.noun)
    if (!isPlain || nameConflict(gold, answer)) return undefined
    if (isEqual(gold.value, answer.value)) return decided('correct', 'number')
    // A decimal may be the other side rounded; 1,234 may be a list.
    const isOpen = /\.\d|[\d}],\d/.test(goldText) || /\.\d|[\d}],\d/.test(answerText)
    return isOpen ? undefined : decided('incorrect', 'number')
  }
  return compareChoices(goldText, answerText)
}

function mayBeSameNoun(gold: string | undefined, answer: string | undefined): boolean {
  return gold === undefined || answer === undefined || gold === answer
}

/** The letter of a choice, with or without what it stands for. */
function compareChoices(goldText: string, answerText: string): Comparison | undefined {
  if (/^[A-E]$/.test(goldText.trim()) && answerText.replace(/[\s()$]/g, '') === goldText.trim().toLowerCase())
    return decided('correct', 'choice')
  const [goldSet, answerSet] = [choicesOf(goldText), choicesOf(answerText)]
  if (goldSet !== undefined && goldSet === answerSet) return decided('correct', 'choice')
  const gold = choiceOf(goldText)
  const answer = choiceOf(answerText)
  if (!gold || !answer) return undefined
  if (gold.letter !== answer.letter) return decided('incorrect', 'choice')
  const isSame = gold.rest === '' || answer.rest === '' || gold.rest === answer.rest
  return isSame ? decided('correct', 'choice') : undefined
}

/** x = 5 against y = 5. */
function nameConflict(gold: Answer, answer: Answer): Comparison | undefined {
  if (gold.kind !== 'number' || answer.kind !== 'number') return undefined
  const isConflict = gold.name !== undefined && answer.name !== undefined && gold.name !== answer.name
  return isConflict && isEqual(gold.value, answer.value) ? decided('undecided', 'name') : undefined
}

function compareReadings(gold: TreeReading, answer: TreeReading, policies: Policies, limits: VerifyLimits): Comparison {
  if (bareText(gold.tidied) === bareText(answer.tidied) && gold.tidied !== '') return decided('correct', 'text')
  const truth = sameTruth(gold.tidied, answer.tidied)
  if (truth !== undefined) return decided(truth ? 'correct' : 'incorrect', 'logic')
  if (gold.isTooLarge) return decided('undecided', 'gold:limit')
  if (answer.isTooLarge) return decided('too-large', 'limit:steps')
  if (!gold.tree) return decided('undecided', 'gold:text')
  if (!answer.tree || (answer.tree.kind === 'text' && gold.tree.kind !== 'text')) {
    const value = withoutOption(answer, gold.tree)
    return value ? compareReadings(gold, value, policies, limits) : decided('unparsed', 'parse')
  }
  try {
    const steps = createSteps(limits.steps)
    const first = compareTrees(gold.tree, answer.tree, policies, steps)
    if (first.kind === 'equal') {
      if (SIDE_BY_SIDE.test(answer.tidied)) return decided('undecided', 'side-by-side')
      return isOrderOpen(gold, answer) ? decided('undecided', 'order') : fromOutcome(first)
    }
    if (sameProduct(gold.tree, answer.tree)) return decided('correct', 'product')
    if ((gold.isWhole || answer.isWhole) && (isAboutCounts(gold.tree) || isListed(gold, answer))) {
      const whole = compareTrees(asWholeSet(gold.tree), asWholeSet(answer.tree), policies, steps)
      if (whole.kind === 'equal') return fromOutcome(whole)
    }
    const worked = withCalculus(gold.tree, steps)
    if (worked) {
      const result = compareTrees(worked, answer.tree, policies, steps)
      if (result.kind === 'equal') return fromOutcome(result)
    }
    for (const [left, right] of otherReadings(gold, answer)) {
      const other = compareTrees(left, right, policies, steps)
      if (other.kind === 'equal') return fromOutcome(other)
    }
    return fromOutcome(first)
  } catch (error) {
    if (error instanceof StepsExceeded) return decided('too-large', 'limit:steps')
    throw error
  }
}

/** A gold answer that leaves something to be worked out; an answer that does is none. */
function withCalculus(gold: Tree, steps: Steps): Tree | undefined {
  if (gold.kind !== 'expression') return undefined
  const expression = workedOut(gold.expression, steps)
  return expression === gold.expression ? undefined : { ...gold, expression }
}

/** `n ≥ 4`: letters that stand for whole numbers where one side says so. */
function isAboutCounts(tree: Tree): boolean {
  return expressionsOf(tree).some((each) => each.kind === 'symbol' && /^[nmkNp]$/.test(each.name))
}

/** `{-1, 0, 1}` and `-1 ≤ x ≤ 1, x ∈ Z`: one side lists what the condition of the other picks out. */
function isListed(gold: TreeReading, answer: TreeReading): boolean {
  const isSet = ({ tree }: TreeReading): boolean => tree?.kind === 'group' && tree.open === '{'
  return (gold.isWhole === true && isSet(answer)) || (answer.isWhole === true && isSet(gold))
}

/** Equal but for the order of factors that may be matrices, or of vectors next to a cross. */
function isOrderOpen(gold: TreeReading, answer: TreeReading): boolean {
  const [left, right] = [gold.vectors, answer.vectors]
  if (left !== undefined && right !== undefined) return !left.endsWith(right) && !right.endsWith(left)
  if (left !== undefined || right !== undefined) return true
  return gold.tree !== undefined && answer.tree !== undefined && mayNotCommute(gold.tree, answer.tree)
}

// Two numbers are hardly a product: `2 3` may be two answers. Behind an index or a power they are one, and a mixed number is a number.
const SIDE_BY_SIDE = /(?<![_^]\s*-?\d{0,4})\d\s+(?!\d+\s*(?:\/|\\frac))\d/

function bareText(tidied: string): string {
  // Two numbers side by side are not one: 1 7 is not 17.
  const plain = /[\ue000\ue001]/.test(tidied) ? tidied.replace(/[\ue000\ue001]/g, '') : tidied
  return /\s/.test(plain) ? plain.replace(/(?<!\d)\s+|\s+(?!\d)/g, '') : plain
}

function fromOutcome({ kind, rule, probed, points }: Outcome): Comparison {
  const verdict = kind === 'equal' ? 'correct' : kind === 'different' ? 'incorrect' : 'undecided'
  return { kind: verdict, rule, method: probed ? 'probed' : 'exact', points }
}

/** The points at which two expressions are probed, with both values, for people to look at. Decides nothing. */

import { createEvaluator } from '../algebra/evaluate.ts'
import { type Evaluator, NoValue } from '../algebra/evaluator.ts'
import { DOUBLES } from '../algebra/reals.ts'
import { createSteps, StepsExceeded } from '../algebra/steps.ts'
import { callsOf, type Expression, symbolsOf, type Tree } from '../tree.ts'
import { type Coordinate, type Point, pointsFor } from './points.ts'

export interface ShownPoint {
  /** Value of each symbol; empty where both sides are constants. */
  readonly at: readonly { readonly name: string; readonly value: string }[]
  /** `undefined` where a side has no value there. */
  readonly gold: string | undefined
  readonly answer: string | undefined
  /** Equal to the precision of doubles. */
  readonly equal: boolean
}

const MOST_POINTS = 6
const MOST_STEPS = 40_000
/** Doubles that agree to this share are shown as equal. */
const TOLERANCE = 1e-9

/** Values of both sides at the first points; nothing where one of them is not a single expression. */
export function shownPoints(gold: Tree | undefined, answer: Tree | undefined): ShownPoint[] {
  const [left, right] = [expressionOf(gold), expressionOf(answer)]
  if (!left || !right) return []
  const names = [...symbolsOf(right, symbolsOf(left))].sort()
  const evaluator = createEvaluator(DOUBLES, createSteps(MOST_STEPS))
  const out: ShownPoint[] = []
  try {
    for (const point of pointsFor(names, callsOf(right, callsOf(left)))) {
      if (out.length === MOST_POINTS) break
      out.push(shown(evaluator, left, right, point))
    }
  } catch (error) {
    // An expression that takes too long at one point is left out from there on.
    if (!(error instanceof StepsExceeded)) throw error
  }
  return out
}

/** The side of an equation that says a value stands for the whole. */
function expressionOf(tree: Tree | undefined): Expression | undefined {
  if (tree?.kind === 'expression') return tree.expression
  const last = tree?.kind === 'relation' ? tree.sides.at(-1) : undefined
  return last?.kind === 'expression' ? last.expression : undefined
}

function shown(evaluator: Evaluator<number>, left: Expression, right: Expression, point: Point): ShownPoint {
  const at = new Map([...point].map(([name, [re, im]]) => [name, { re, im }] as const))
  const valueAt = (side: Expression): Coordinate | undefined => {
    try {
      const { z } = evaluator.evaluate(side, at)
      return [z.re, z.im]
    } catch (error) {
      if (error instanceof NoValue) return undefined
      throw error
    }
  }
  const [gold, answer] = [valueAt(left), valueAt(right)]
  return {
    at: [...point].map(([name, coordinate]) => ({ name, value: written(coordinate) })),
    gold: gold && written(gold),
    answer: answer && written(answer),
    equal: gold !== undefined && answer !== undefined && areClose(gold, answer),
  }
}

function areClose([a, b]: Coordinate, [c, d]: Coordinate): boolean {
  return Math.hypot(a - c, b - d) <= TOLERANCE * Math.max(1, Math.hypot(a, b), Math.hypot(c, d))
}

function written([re, im]: Coordinate): string {
  const number = (value: number): string => String(Number(value.toPrecision(8)))
  if (Math.abs(im) <= 1e-12 * Math.max(1, Math.abs(re))) return number(re)
  return `${number(re)} ${im < 0 ? '−' : '+'} ${number(Math.abs(im))}i`
}

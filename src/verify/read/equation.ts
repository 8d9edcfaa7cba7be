/** The value at the end of `x = 5`, `16 - 7 = 9` or `x = 1/3 ≈ 0.33`, where the chain says one number and nothing else. */

import type { VerifyLimits } from '../limits.ts'
import { type NumberReading, readNumber } from './number.ts'

export interface EquationReading {
  /** The name on the left, spaces removed: `x`, `\angleAPC`; undefined where the left side is arithmetic. */
  readonly name: string | undefined
  readonly reading: NumberReading
}

// A letter, a word, a LaTeX name, a function of one argument: anything more on the left is an equation to be solved.
const NAME = /^[A-Za-z\\][A-Za-z\\ ]*(?:_(?:\w|\{\w+\}))?(?:\(\w{1,3}\))?'?$/
const RELATION = /[<>≤≥≠]|\\(?:leq?|geq?|neq?|lt|gt|in|pm|mp|cup)(?![A-Za-z])|±|∈|!=/
const JOIN = /[,;]\s|,(?=[A-Za-z\\])|;|\b(?:and|or)\b/

/** Undefined where the text is not a chain of equals signs that ends in a number. */
export function readEquation(cleaned: string, limits: VerifyLimits): EquationReading | undefined {
  if (!/[=≈]|\\approx/.test(cleaned) || RELATION.test(cleaned)) return undefined
  const sides = cleaned.split(/\\approx(?![A-Za-z])|[=≈]/).map((side) => side.trim())
  const left = sides[0] ?? ''
  const right = sides.slice(1)
  // `x = 5, y = 6` and `x = 5 or x = 6` are several answers.
  if (right.length === 0 || sides.some((side) => JOIN.test(side))) return undefined
  const name = left !== '' && NAME.test(left) ? left.replace(/\s+/g, '') : undefined
  // Whether arithmetic on the left comes to the right is for the tree to see.
  if (name === undefined && left !== '') return undefined
  if (right.length > 1 && !/≈|\\approx/.test(cleaned)) return undefined
  const reading = exactPart(cleaned, limits) ?? readNumber(right.at(-1) ?? '', limits)
  return reading.kind === 'none' ? undefined : { name, reading }
}

/** Of `x = 1/3 ≈ 0.33` the exact part counts. */
function exactPart(cleaned: string, limits: VerifyLimits): NumberReading | undefined {
  const rounded = cleaned.search(/\\approx(?![A-Za-z])|≈/)
  if (rounded < 0) return undefined
  const exact = cleaned.slice(0, rounded).split('=').at(-1) ?? ''
  const reading = readNumber(exact, limits)
  return reading.kind === 'none' ? undefined : reading
}

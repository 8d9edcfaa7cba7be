/** Draws what one line of #init says, and gives it to the variables that the line names. */

import { isNumeric } from './exact.ts'
import { TemplateFault } from './fault.ts'
import { one, several } from './functions-draw.ts'
import type { DrawLine } from './init-line.ts'
import { readWords } from './number-words.ts'
import { isList, isRange, labelledOf, type Scope, textOf, type Value } from './value.ts'

/** @throws TemplateFault when a value does not fit its use */
export function assign(line: DrawLine, scope: Scope): void {
  const values = attempt(line, scope)
  for (const [place, target] of line.targets.entries()) {
    const value = values[place]
    scope.values[target] = line.isNumber[place] === true ? asNumber(value) : value
  }
}

/** A fault that every draw would have names the line. */
function attempt(line: DrawLine, scope: Scope): readonly Value[] {
  try {
    return valuesOf(line, scope)
  } catch (error) {
    if (!(error instanceof TemplateFault) || error.isOfValues) throw error
    throw new TemplateFault(`line ${line.line} of question_annotated: ${error.message}`, { cause: error })
  }
}

/** One value for each target: a drawn tuple is taken apart, a list is drawn from. */
function valuesOf(line: DrawLine, scope: Scope): readonly Value[] {
  const { targets } = line
  const value = line.value(scope)
  if (targets.length === 1) {
    if (!line.isDrawn) return [isList(value) || isRange(value) ? one(value, scope.random) : value]
    // sample(list, 1) is a list of one in Python.
    return [isList(value) && value.items.length === 1 ? value.items[0] : value]
  }
  if (isList(value) && value.items.length === targets.length) return value.items
  if (line.isDrawn)
    throw new TemplateFault(`${targets.length} variables are set from ${isList(value) ? value.items.length : 1} values`)
  const drawn = several(value, targets.length, scope.random)
  return isList(drawn) ? drawn.items : [drawn]
}

/** What a `$` variable holds: ("half", 0.5) and "half" become a number that reads `half`. */
export function asNumber(value: Value): Value {
  if (isNumeric(value)) return value
  const labelled = labelledOf(value) ?? numberPair(value)
  if (labelled !== undefined) return labelled
  const number = typeof value === 'string' ? readWords(value) : undefined
  return number === undefined || typeof value !== 'string' ? value : { kind: 'labelled', label: value, number }
}

/** (20, 20) is 20 and reads 20. */
function numberPair(value: Value): Value {
  if (!isList(value) || value.items.length !== 2) return undefined
  const [label, number] = value.items
  return isNumeric(label) && isNumeric(number) ? { kind: 'labelled', label: textOf(label), number } : undefined
}

/** Draws what one line of #init says, and gives it to the variables that the line names. */

import { isNumeric } from './exact.ts'
import { TemplateFault } from './fault.ts'
import { one, several } from './functions-draw.ts'
import { readWords } from './number-words.ts'
import type { DrawLine } from './template.ts'
import { isList, isRange, labelledOf, type Scope, type Value } from './value.ts'

/** @throws TemplateFault when a value does not fit its use */
export function assign(line: DrawLine, scope: Scope): void {
  const values = valuesOf(line, scope)
  for (const [place, target] of line.targets.entries()) {
    const value = values[place]
    scope.values[target] = line.isNumber[place] === true ? asNumber(value) : value
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
  const labelled = labelledOf(value)
  if (labelled !== undefined) return labelled
  const number = typeof value === 'string' ? readWords(value) : undefined
  return number === undefined || typeof value !== 'string' ? value : { kind: 'labelled', label: value, number }
}

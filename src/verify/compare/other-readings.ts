/** Other ways to read a side, which the other side makes likely: lists, decimal commas, groups of digits, units, whole parts. */

import { createRational } from '../algebra/rational.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { TEXT_CLOSE, TEXT_OPEN } from '../marks.ts'
import { parseTree, type TreeReading } from '../read/parse.ts'
import { callsOf, expressionsOf, numberOf, symbolsOf, type Tree, treeOf } from '../tree.ts'
import { readUnit } from '../units/units.ts'

/** `1,234` as a list, where the other side is one. */
export function otherReadings(gold: TreeReading, answer: TreeReading): (readonly [Tree, Tree])[] {
  const isList = (tree: Tree | undefined): tree is Extract<Tree, { kind: 'group' }> => tree?.kind === 'group'
  const readings: (readonly [Tree, Tree])[] = []
  if (gold.asList && isList(answer.tree)) readings.push([gold.asList, answer.tree])
  if (answer.asList && isList(gold.tree)) readings.push([gold.tree, answer.asList])
  const [left, right] = [decimalComma(gold.tidied), decimalComma(answer.tidied)]
  if (left && isDecimal(answer.tree)) readings.push([left, answer.tree])
  if (right && isDecimal(gold.tree)) readings.push([gold.tree, right])
  const [leftGroups, rightGroups] = [groupedOtherwise(gold.tidied), groupedOtherwise(answer.tidied)]
  if (leftGroups && isNumber(answer.tree)) readings.push([leftGroups, answer.tree])
  if (rightGroups && isNumber(gold.tree)) readings.push([gold.tree, rightGroups])
  const squared = isNumber(gold.tree) ? poweredLetter(answer.tidied) : undefined
  if (squared && gold.tree) readings.push([gold.tree, squared])
  const [leftUnit, rightUnit] = [letterAsUnit(gold, answer.tree), letterAsUnit(answer, gold.tree)]
  if (leftUnit && answer.tree) readings.push([leftUnit, answer.tree])
  if (rightUnit && gold.tree) readings.push([gold.tree, rightUnit])
  const [leftFloor, rightFloor] = [gaussBrackets(gold, answer), gaussBrackets(answer, gold)]
  if (leftFloor && answer.tree) readings.push([leftFloor, answer.tree])
  if (rightFloor && gold.tree) readings.push([gold.tree, rightFloor])
  const [leftOption, rightOption] = [withoutOption(gold, answer.tree)?.tree, withoutOption(answer, gold.tree)?.tree]
  if (leftOption && answer.tree) readings.push([leftOption, answer.tree])
  if (rightOption && gold.tree) readings.push([gold.tree, rightOption])
  const inWords = isNumber(gold.tree) ? numberInWords(answer.tidied) : undefined
  if (inWords && gold.tree) readings.push([gold.tree, inWords])
  return readings
}

/** `0.25 m` as a length, where the other side has a unit; `t = 2 s` in any case, for `2 s` alone may be a product. */
function letterAsUnit({ tidied }: TreeReading, other: Tree | undefined): Tree | undefined {
  const [, value, letter] = /^(?:[A-Za-z](?:_\w)?\s*=\s*)?(-?\d[\d.,]*)\s+([a-zA-Z])$/.exec(tidied) ?? []
  if (value === undefined || letter === undefined || !other) return undefined
  const first = other.kind === 'group' ? other.items[0] : other
  if (first?.kind !== 'expression' || (!first.unit && !tidied.includes('='))) return undefined
  const unit = readUnit(letter)
  const tree = parseTree(value, DEFAULT_LIMITS).tree
  const isUnit = unit.factor !== undefined && (!first.unit || unit.dimension === first.unit.dimension)
  return isUnit && tree?.kind === 'expression' ? { ...tree, unit } : undefined
}

const OPTION = new RegExp(`^${TEXT_OPEN}?\\s*(?:\\(([A-H])\\)|([A-H])[).:])\\s*${TEXT_CLOSE}?\\s*(\\S.*)$`, 's')

/** `(B) 12` as what the option says, where the other side is a formula without that letter. */
export function withoutOption({ tidied }: TreeReading, other: Tree | undefined): TreeReading | undefined {
  const [, inBrackets, letter = inBrackets, value] = OPTION.exec(tidied) ?? []
  if (letter === undefined || value === undefined || !other || other.kind === 'text') return undefined
  // One letter before one value: of several, none is the answer's.
  if (OPTION.test(value)) return undefined
  if (expressionsOf(other).some((each) => symbolsOf(each).has(letter))) return undefined
  return parseTree(value, DEFAULT_LIMITS)
}

/** `ten`, where the gold answer is a number: no product of three letters. */
function numberInWords(tidied: string): Tree | undefined {
  if (!/^[a-z]+(?:[ -][a-z]+)*$/i.test(tidied)) return undefined
  return parseTree(`\\text{${tidied}}`, DEFAULT_LIMITS).tree
}

/** `[n/2]` as the whole part, where the other side has one. */
function gaussBrackets(one: TreeReading, other: TreeReading): Tree | undefined {
  if (!one.tidied.includes('[') || /\\sqrt\s*\[/.test(one.tidied) || !other.tree) return undefined
  const hasFloor = (tree: Tree): boolean => expressionsOf(tree).some((each) => callsOf(each).has('Floor'))
  if (!hasFloor(other.tree) || (one.tree && hasFloor(one.tree))) return undefined
  const floors = one.tidied.replaceAll('[', '\\lfloor ').replaceAll(']', '\\rfloor ')
  return parseTree(floors, DEFAULT_LIMITS).tree
}

/** `1000,99` as 1000.99, where the other side is a decimal. */
function decimalComma(tidied: string): Tree | undefined {
  const match = /^(-?\d{1,30}),(\d{1,30})$/.exec(tidied)
  if (!match) return undefined
  const [, whole = '', part = ''] = match
  if (part.length === 3 && whole !== '0') return undefined
  const value = createRational(BigInt(`${whole}${part}`), 10n ** BigInt(part.length))
  return value && treeOf(numberOf(value, part.length))
}

function isDecimal(tree: Tree | undefined): tree is Tree {
  return tree?.kind === 'expression' && tree.expression.kind === 'number' && tree.expression.decimals !== undefined
}

function isNumber(tree: Tree | undefined): tree is Tree {
  return tree?.kind === 'expression' && tree.expression.kind === 'number'
}

/** European, Indian and Swiss groups: `3.456,7`, `2,50,000`, `9'876.5`. */
function groupedOtherwise(tidied: string): Tree | undefined {
  if (/^-?\d{1,3}(?: \d{3})+,\d+$/.test(tidied))
    return parseTree(tidied.replaceAll(' ', '').replace(',', '.'), DEFAULT_LIMITS).tree
  if (!/\d\s*[.,'’]\s*\d\s*\d/.test(tidied)) return undefined
  const text = tidied.replace(/\s+/g, '')
  const plain = /^-?\d{1,3}(?:\.\d{3})+,\d+$/.test(text)
    ? text.replaceAll('.', '').replace(',', '.')
    : /^-?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?$/.test(text)
      ? text.replaceAll(',', '')
      : /^-?\d{1,3}(?:['’]\d{3})+(?:\.\d+)?$/.test(text)
        ? text.replace(/['’]/g, '')
        : undefined
  return plain === undefined ? undefined : parseTree(plain, DEFAULT_LIMITS).tree
}

/** `90m^2` where the gold answer is a number: an area, and no product. */
function poweredLetter(tidied: string): Tree | undefined {
  const [, value] = /^(-?\d[\d.,]*)\s*m\s*\^\s*\{?\s*[23]\s*\}?$/.exec(tidied) ?? []
  return value === undefined ? undefined : parseTree(value, DEFAULT_LIMITS).tree
}

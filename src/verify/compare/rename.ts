/** Letters that both sides may choose freely: integer parameters (`kπ`, `nπ`) and constants of integration (`C`, `c_1`). */

import { type Expression, expressionsOf, substituteTree, symbolOf, symbolsOf, type Tree } from '../tree.ts'

const PARAMETERS = /^[kmnlNKt]$/
const CONSTANTS_OF_INTEGRATION = /^(?:[cCkK](?:_?\d)?|c_?\d|C_?\d)$/

export interface Renamed {
  /** The answer in the gold answer's letters. */
  readonly answer: Tree
  /** The integer parameter, where both sides have exactly one that stands next to π. */
  readonly parameter: string | undefined
}

export function renameParameters(gold: Tree, answer: Tree): Renamed {
  const goldNames = namesOf(gold)
  const answerNames = namesOf(answer)
  const constants = renameConstants(answer, goldNames, answerNames)
  const withPi = mentionsPi(gold) && mentionsPi(answer)
  const [left, right] = [only(goldNames, PARAMETERS), only(answerNames, PARAMETERS)]
  if (!withPi || left === undefined || right === undefined) return { answer: constants, parameter: undefined }
  if (left === right) return { answer: constants, parameter: left }
  if (goldNames.has(right) || answerNames.has(left)) return { answer: constants, parameter: undefined }
  return { answer: substituteTree(constants, new Map([[right, symbolOf(left)]])), parameter: left }
}

/** c_1, c_2 to C_1, C_2 in their order, where neither side knows the other's letters and the counts agree. */
function renameConstants(answer: Tree, goldNames: ReadonlySet<string>, answerNames: ReadonlySet<string>): Tree {
  const isConstant = (name: string): boolean => CONSTANTS_OF_INTEGRATION.test(name)
  const left = [...goldNames]
    .filter(isConstant)
    .filter((name) => !answerNames.has(name))
    .sort()
  const right = [...answerNames]
    .filter(isConstant)
    .filter((name) => !goldNames.has(name))
    .sort()
  // A lone k against c may be two different variables: the rest of the expression has to have some other letter.
  if (left.length === 0 || left.length !== right.length || goldNames.size === left.length) return answer
  const values = new Map(right.map((name, at) => [name, symbolOf(left[at] ?? name)] as const))
  return substituteTree(answer, values)
}

const INTEGRATION = /^[A-DK](?:_\d)?$|^[ck](?:_\d)?$/
const COEFFICIENT = /^[a-eklmpqrsA-DK](?:_\d)?$/
const MOST_CONSTANTS = 3

/**
 * The answer with its own constants called what the gold answer calls its own, in every way: `f(x) = mx + c` for
 * `f(x) = ax + b`, `Ae^x + Be^{-x}` for `C_1e^x + C_2e^{-x}`. Only below a function's name, where letters that are not its
 * argument are free, or where the letters are those of integration: `F = ma` is not `F = mg`.
 */
export function otherConstants(gold: Tree, answer: Tree): readonly Tree[] {
  const [goldNames, answerNames] = [namesOf(solutionOf(gold)), namesOf(solutionOf(answer))]
  const left = [...goldNames].filter((name) => !answerNames.has(name)).sort()
  const right = [...answerNames].filter((name) => !goldNames.has(name)).sort()
  if (left.length === 0 || left.length !== right.length || left.length > MOST_CONSTANTS) return []
  const shared = [...goldNames].filter((name) => answerNames.has(name))
  if (isLine(gold) && isLine(answer) && left.length === 1) {
    return [substituteTree(answer, new Map([[right[0] ?? '', symbolOf(left[0] ?? '')]]))]
  }
  if (shared.length === 0) return []
  const areOfIntegration =
    shared.every((name) => /^[a-z]/.test(name)) &&
    [...left, ...right].every((name) => INTEGRATION.test(name)) &&
    [...left, ...right].some((name) => /^(?:C(?:_\d)?|c_\d)$/.test(name))
  const areCoefficients =
    [...left, ...right].every((name) => COEFFICIENT.test(name)) && isFunction(gold) && isFunction(answer)
  if (!areOfIntegration && !areCoefficients && !(isClass(gold) && isClass(answer))) return []
  return permutations(left).map((names) =>
    substituteTree(answer, new Map(right.map((name, at) => [name, symbolOf(names[at] ?? name)] as const))),
  )
}

/** The right side of `y = ...` and `y(x) = ...`: what the function is called is not a constant. */
function solutionOf(tree: Tree): Tree {
  if (tree.kind !== 'relation' || tree.sides.length !== 2 || tree.operators[0] !== '=') return tree
  const [label, value] = tree.sides
  const isY = label?.kind === 'expression' && label.expression.kind === 'symbol' && label.expression.name === 'y'
  return (isY || isFunction(tree)) && value ? value : tree
}

/** `(1 + 2t, 3 - t)`: the points of a line or a plane, whatever the parameter is called. */
function isLine(tree: Tree): boolean {
  const point = tree.kind === 'relation' && tree.sides.length === 2 ? tree.sides[1] : coordinatesOf(tree)
  if (point?.kind !== 'group' || point.open === '' || point.open === '{' || point.items.length < 2) return false
  const names = [...namesOf(point)]
  return names.length === 1 && names.every((name) => /^(?:[strku]|lambda|mu)$/.test(name))
}

/** `x = 1 + t, y = 2 - t` as the point of its right sides. */
function coordinatesOf(tree: Tree): Tree {
  if (tree.kind !== 'group' || tree.open !== '') return tree
  const values = tree.items.map((item) =>
    item.kind === 'relation' && item.sides.length === 2 && item.operators[0] === '=' && isCoordinate(item.sides[0])
      ? item.sides[1]
      : undefined,
  )
  return values.every((value) => value !== undefined) ? { ...tree, open: '(', close: ')', items: values } : tree
}

function isCoordinate(tree: Tree | undefined): boolean {
  return tree?.kind === 'expression' && tree.expression.kind === 'symbol' && /^[xyzw]$/.test(tree.expression.name)
}

/** `n = 6k + 1`: a class of whole numbers, whatever its counter is called. */
function isClass(tree: Tree): boolean {
  if (tree.kind !== 'relation' || tree.sides.length !== 2 || tree.operators[0] !== '=') return false
  const [label, value] = tree.sides
  if (label?.kind !== 'expression' || label.expression.kind !== 'symbol' || value?.kind !== 'expression') return false
  const names = [...symbolsOf(value.expression)]
  return (
    names.length === 1 && names.every((name) => /^[jklmnt]$/.test(name)) && /^[nxmakpN]$/.test(label.expression.name)
  )
}

/** `f(x) = ...` */
function isFunction(tree: Tree): boolean {
  if (tree.kind !== 'relation' || tree.sides.length !== 2) return false
  const [label] = tree.sides
  return (
    label?.kind === 'expression' && label.expression.kind === 'call' && label.expression.name.startsWith('function:')
  )
}

function permutations(names: readonly string[]): string[][] {
  if (names.length <= 1) return [[...names]]
  return names.flatMap((name, at) => permutations(names.toSpliced(at, 1)).map((rest) => [name, ...rest]))
}

function namesOf(tree: Tree): Set<string> {
  const names = new Set<string>()
  for (const expression of expressionsOf(tree)) symbolsOf(expression, names)
  return names
}

function only(names: ReadonlySet<string>, pattern: RegExp): string | undefined {
  const found = [...names].filter((name) => pattern.test(name))
  return found.length === 1 ? found[0] : undefined
}

function mentionsPi(tree: Tree): boolean {
  const has = (expression: Expression): boolean =>
    expression.kind === 'symbol'
      ? expression.name === 'Pi'
      : expression.kind === 'call' && (expression.name === 'Degrees' || expression.args.some(has))
  return expressionsOf(tree).some(has)
}

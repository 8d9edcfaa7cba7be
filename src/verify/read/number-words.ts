/** Words about whole numbers and orders: `n is even`, `multiples of 3`, `all integers n ≥ 3`, `all primes p`, `and its permutations`. */

import { TEXT_OPEN } from '../marks.ts'
import { bareList, type Expression, numberOf, type Tree, treeOf } from '../tree.ts'
import { type ReadOptions, trimmedOf } from './options.ts'

// A function may be even too, and is no number then.
const PARITY =
  /^(?:([a-egk-z]) )?(?:(?:is|are|must be|has to be|all|any|every) )*(?:an? )?(even|odd)(?: (integers?|numbers?|whole numbers?))?(?: ([a-egk-z]))?$/
const MULTIPLE =
  /^(?:([a-egk-z]) )?(?:(?:is|are|must be|has to be|all|any|every|integers?|numbers?) )*(?:divisible by|(?:a )?multiples? of) (\d{1,6})$/
const SETS: readonly (readonly [words: RegExp, name: string])[] = [
  [/^(?:primes|prime numbers?)$/, 'prime numbers'],
  [/^(?:odd primes|odd prime numbers?)$/, 'odd prime numbers'],
  [/^(?:positive integers?|positive whole numbers?)$/, 'positive integers'],
  [/^integers?$/, 'integers'],
  [/^rational(?: number)?s?$/, 'rational numbers'],
  [/^irrational(?: number)?s?$/, 'irrational numbers'],
]
const CONDITION =
  /^\ue000\s*(?:for\s+)?(?:all|any|every)(?:\s+positive)?\s+(?:integers?|whole numbers?|natural numbers?|real numbers?|reals?)\s*\ue001\s*([^\ue000]*[<>≤≥≠][^\ue000]*)$/

/** Undefined where the text says nothing of the kind. */
export function readNumberWords(text: string, options: ReadOptions): Tree | undefined {
  if (!text.includes(TEXT_OPEN)) return undefined
  const condition = CONDITION.exec(text)?.[1]
  if (condition !== undefined) return options.read(condition, options)
  const ordered = PERMUTED.exec(text)
  if (ordered?.[1] !== undefined)
    return permuted(options.read(trimmedOf(ordered[1]), options), ordered[2] !== undefined)
  const words = text
    .replace(/[\ue000\ue001]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
  return classOf(words, options) ?? setOf(words)
}

function classOf(words: string, options: ReadOptions): Tree | undefined {
  const [, letter, parity, noun, behind] = PARITY.exec(words) ?? []
  const [, of, modulus] = MULTIPLE.exec(words) ?? []
  const name = letter ?? behind ?? of
  // `even` alone may be said of anything.
  if (modulus === undefined && (parity === undefined || (name === undefined && noun === undefined))) return undefined
  return {
    kind: 'residue',
    name: name === undefined ? undefined : options.read(name, options),
    residues: treeOf(whole(parity === 'odd' ? 1n : 0n)),
    modulus: whole(modulus === undefined ? 2n : BigInt(modulus)),
  }
}

function whole(value: bigint): Expression {
  return numberOf({ numerator: value, denominator: 1n })
}

/** `all primes p`: the letter is any of them. */
function setOf(words: string): Tree | undefined {
  const said = /^(?:all|any|every|each) (?:the )?([a-z ]+?)(?: [a-z])?$/.exec(words)?.[1]
  const found = said === undefined ? undefined : SETS.find(([pattern]) => pattern.test(said))
  return found && { kind: 'text', text: found[1] }
}

const PERMUTED =
  /^(.*[)\]])[\s,∧∨]*\ue000\s*(?:(?:and|or|together with|with|all|any|its|their|the|every|of|other)\s+)*(cyclic\s+)?permutations?(?:\s+(?:thereof|of (?:it|this|them|these)))?\s*\ue001\s*$/s
const MOST_PERMUTED = 5

/** Every order of a tuple, or of each tuple of a list, once. */
function permuted(tree: Tree | undefined, isCyclic: boolean): Tree | undefined {
  if (tree?.kind !== 'group') return undefined
  const tuples = tree.open === '' ? tree.items : [tree]
  const orders = new Map<string, Tree>()
  for (const tuple of tuples) {
    if (tuple.kind !== 'group' || tuple.open !== '(' || tuple.items.length > MOST_PERMUTED) return undefined
    for (const items of isCyclic ? turnsOf(tuple.items) : ordersOf(tuple.items)) {
      const key = JSON.stringify(items, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
      orders.set(key, { ...tuple, items })
    }
  }
  return bareList([...orders.values()])
}

function turnsOf(items: readonly Tree[]): Tree[][] {
  return items.map((_, at) => [...items.slice(at), ...items.slice(0, at)])
}

function ordersOf(items: readonly Tree[]): Tree[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}

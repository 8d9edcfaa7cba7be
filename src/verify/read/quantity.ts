/** Values with words behind or before them: units, percent, scale words. */

import { TEXT_OPEN } from '../marks.ts'
import { bareList, callOf, numberOf, type Tree, treeOf } from '../tree.ts'
import { type ReadOptions, readAll } from './options.ts'
import { readUnit } from './units.ts'

// A value, then words, powers and slashes to the end.
const TAIL =
  /^(.*?[^\s\ue000])??\s*((?:[/\s]*\ue000[^\ue001]*\ue001(?:\s*\^\s*\{?\s*-?\d\s*\}?)?|\s*°\s*[CF](?![A-Za-z]))+)\s*$/s

/** A value and its unit, or words before a value: `The area is 5 cm^2`. */
export function readQuantity(text: string, options: ReadOptions): Tree | undefined {
  const tail = TAIL.exec(text)
  const value = tail?.[1]
  if (tail && value !== undefined && !value.includes(TEXT_OPEN)) {
    const words = (tail[2] ?? '').replace(/[\ue000\ue001]/g, ' ')
    const tree = options.read(value, options)
    if (!tree) return undefined
    if (/^\s*(?:percent|per cent|pct)\b/.test(words))
      return tree.kind === 'expression' ? { ...tree, percent: true } : tree
    const scaled = tree.kind === 'expression' ? scaledBy(words, tree.expression) : undefined
    if (scaled) return treeOf(scaled)
    if (tree.kind === 'expression') return { ...tree, unit: readUnit(words) }
    // A unit behind a list or a pair belongs to each part.
    return tree.kind === 'group' || tree.kind === 'relation' ? tree : undefined
  }
  const lead = /^\s*\ue000([^\ue001]*)\ue001\s*:?\s*([^\ue000]+)$/s.exec(text)
  if (lead?.[2] !== undefined && /(?:\bis|\bare|:|=)\s*$/i.test(lead[1] ?? '')) return options.read(lead[2], options)
  return readMixedUnits(text, options)
}

/** `5 feet 7 inches`, `2 hours and 30 minutes`: parts of one dimension. */
function readMixedUnits(text: string, options: ReadOptions): Tree | undefined {
  const parts = [...text.matchAll(/\s*,?\s*(\d+(?:\.\d+)?)\s*\ue000([^\ue001]*)\ue001/g)]
  if (parts.length < 2 || parts.map((part) => part[0]).join('').length !== text.length) return undefined
  const trees = readAll(
    parts.map((part) => part[0]),
    options,
  )
  return trees && bareList(trees)
}

const SCALES: Readonly<Record<string, bigint>> = {
  hundred: 100n,
  thousand: 1_000n,
  million: 1_000_000n,
  billion: 1_000_000_000n,
  trillion: 1_000_000_000_000n,
}

function scaledBy(words: string, expression: Parameters<typeof treeOf>[0]): typeof expression | undefined {
  const scale = SCALES[words.trim().toLowerCase().split(/\s+/)[0]?.replace(/s$/, '') ?? '']
  return scale === undefined
    ? undefined
    : callOf('Multiply', expression, numberOf({ numerator: scale, denominator: 1n }))
}

/** Values with words behind or before them: units, percent, scale words. */

import { TEXT_OPEN } from '../marks.ts'
import { announces, namesOnly } from '../spelling/lexicon.ts'
import { bareList, callOf, numberOf, type Tree, treeOf, type Unit } from '../tree.ts'
import { readUnit } from '../units/units.ts'
import { type ReadOptions, readAll } from './options.ts'

// A value, then words, powers and slashes to the end.
const TAIL =
  /^(.*?[^\s\ue000])??\s*((?:(?:[/\s]|\\cdot(?![A-Za-z])|·)*\ue000[^\ue001]*\ue001(?:\s*\^\s*\{?\s*-?\d(?:\s*\})?)?|\s*°\s*[CF](?![A-Za-z]))+)\s*$/s

/** A value and its unit, or words before a value: `The area is 5 cm^2`. */
export function readQuantity(text: string, options: ReadOptions): Tree | undefined {
  const tail = TAIL.exec(text)
  const value = tail?.[1]
  if (tail && value !== undefined && !value.includes(TEXT_OPEN)) {
    const words = (tail[2] ?? '').replace(/[\ue000\ue001]/g, ' ')
    // 2 × 2 matrices are no 4 of them.
    if (/\\(?:times|cdot)/.test(value) && SHAPES.test(words)) return undefined
    const tree = options.read(value, options)
    if (!tree) return undefined
    if (/^\s*(?:percent|per cent|pct)\b/.test(words))
      return tree.kind === 'expression' ? { ...tree, percent: true } : tree
    const scaled = tree.kind === 'expression' ? scaledBy(words, tree.expression) : undefined
    if (scaled) return treeOf(scaled)
    const unit = readUnit(words)
    if (unit.factor === undefined && !namesOnly(words)) return undefined
    if (tree.kind === 'expression') return { ...tree, unit }
    // A unit behind a list or a pair belongs to each part; other words may say anything of the whole.
    const isNamed = unit.factor !== undefined || OF_LISTS.test(words.trim())
    return isNamed && (tree.kind === 'group' || tree.kind === 'relation') ? withUnit(tree, unit) : undefined
  }
  const lead = /^\s*\ue000([^\ue001]*)\ue001\s*:?\s*([^\s:\ue000].*)$/s.exec(text)
  if (
    lead?.[2] !== undefined &&
    announces(`${lead[1] ?? ''}${lead[0].includes('\ue001:') || /\ue001\s*:/.test(lead[0]) ? ':' : ''}`)
  )
    return options.read(lead[2], options)
  return readMixedUnits(text, options)
}

const SHAPES = /\b(?:matri(?:x|ces)|grids?|boards?|tables?|arrays?|rectangles?)\b/i
const OF_LISTS =
  /^(?:only|respectively|with (?:the )?(?:same|corresponding) signs?|(?:ordered |real |integer |distinct |possible )*(?:solutions?|roots?|pairs?|triples?|points?|values?|zeros?))$/i

function withUnit(tree: Tree, unit: Unit): Tree {
  if (tree.kind === 'expression') return unit.factor === undefined ? tree : { ...tree, unit }
  return tree.kind === 'group' && tree.open !== '{'
    ? { ...tree, items: tree.items.map((item) => withUnit(item, unit)) }
    : tree
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

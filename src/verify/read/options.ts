/** What every reader of a part gets: its limits, and the reader of whole answers to go down with. */

import type { Steps } from '../algebra/steps.ts'
import type { Tree } from '../tree.ts'
import { withoutEllipsis } from './sequence.ts'

export interface ReadOptions {
  readonly steps: Steps
  /** True where `1,234` is a list of two: inside brackets, and when the other side is a list. */
  readonly isCommaList: boolean
  /** Reads a part as an answer of its own. */
  read(text: string, options: ReadOptions): Tree | undefined
}

const MOST_ITEMS = 600

const EDGE = /^[\s,;:∧∨⋀⋁]|[\s,;.:\\∧∨⋀⋁]$/

export function trimmedOf(text: string): string {
  return EDGE.test(text) ? text.replace(/^[\s,;:∧∨⋀⋁]+|[\s,;.:\\∧∨⋀⋁]+$/g, '') : text
}

/** A bare list inside a bare list is part of it: `1, ±2`; one of conditions that hold together is not: `x = 1 or x > 2 and y = 3`. */
export function flattened(tree: Tree): readonly Tree[] {
  if (tree.kind !== 'group' || tree.open !== '') return [tree]
  return tree.joint !== undefined && tree.items.some((item) => item.kind === 'relation') ? [tree] : tree.items
}

/** Every part as an answer; undefined where one of them is none. */
export function readAll(parts: readonly string[], options: ReadOptions): Tree[] | undefined {
  const items: Tree[] = []
  for (const part of withoutEllipsis(parts.map(trimmedOf))) {
    const bare = trimmedOf(part)
    if (bare === '') continue
    if (bare === '…') {
      items.push({ kind: 'text', text: '…' })
      continue
    }
    const item = options.read(bare, options)
    if (!item || items.length >= MOST_ITEMS) return undefined
    items.push(item)
  }
  return items
}

/** Residue classes: `n ≡ 2 (mod 5)`, `x ≡ 1, 3 \pmod 4`, `3 mod 10`; the modulus is part of what they say. */

import type { Tree } from '../tree.ts'
import { type ReadOptions, trimmedOf } from './options.ts'

// The modulus ends the text; the parser reads `17 \bmod 5` without a congruence as the rest of a division.
const MODULUS =
  /^(.*?\S)\s*,?\s*(?:\(\s*\\b?mod(?![A-Za-z])\s*([^()]+?)\s*\)|\\pmod\s*(?:\{([^{}]+)\}|([A-Za-z0-9]+))|\\pod\s*\{([^{}]+)\}|\\b?mod(?![A-Za-z])\s*(?:\{([^{}]+)\}|([A-Za-z0-9^]+)))$/s

/** Undefined where the text is none. */
export function readResidue(text: string, options: ReadOptions): Tree | undefined {
  if (!text.includes('mod') && !text.includes('\\pod')) return undefined
  const match = MODULUS.exec(text)
  const head = match?.[1]
  const modulus = match?.slice(2).find((part) => part !== undefined)
  if (head === undefined || modulus === undefined) return undefined
  const hasModulusMark = /\\pmod|\(\s*\\b?mod|\\pod/.test(text.slice(head.length))
  if (!/[≡=]/.test(head) && !hasModulusMark) return undefined
  const inner = { ...options, isCommaList: true }
  const size = options.read(modulus, inner)
  const sides = trimmedOf(head).split(/[≡=]/)
  // `x ≡ 1 (mod 4) and x ≡ 2 (mod 3)` is a list, which is taken apart before.
  if (sides.length > 2 || head.includes('mod') || size?.kind !== 'expression') return undefined
  const [label, values] = sides.length === 2 ? sides : [undefined, sides[0]]
  const name = label === undefined ? undefined : options.read(trimmedOf(label), inner)
  const residues = options.read(trimmedOf(values ?? ''), inner)
  if (!residues || (label !== undefined && !name)) return undefined
  return { kind: 'residue', name, residues, modulus: size.expression }
}

/** Answers with ± and ∓: one value for each choice of signs. */

import { bareList, type Tree } from '../tree.ts'
import { flattened, type ReadOptions } from './options.ts'

const MOST_FREE_SIGNS = 4

/** `±1 ± i` are four values: signs without a ∓ among them are chosen one by one. */
export function readFreeSigns(text: string, options: ReadOptions): Tree | undefined {
  const count = text.match(/±/g)?.length ?? 0
  if (text.includes('∓') || count < 2 || count > MOST_FREE_SIGNS) return undefined
  const values = ['+', '-'].map((sign) => options.read(text.replace('±', sign).replace(/^\s*\+/, ''), options))
  const [plus, minus] = values
  return plus && minus && bareList([...flattened(plus), ...flattened(minus)])
}

/** Both values of `1 ± √2`; the signs of one expression go together. */
export function readSigns(text: string, options: ReadOptions): Tree | undefined {
  if ((text.match(/[±∓]/g)?.length ?? 0) > 8) return undefined
  const plus = options.read(
    text
      .replaceAll('±', '+')
      .replaceAll('∓', '-')
      .replace(/^\s*\+/, ''),
    options,
  )
  const minus = options.read(
    text
      .replaceAll('±', '-')
      .replaceAll('∓', '+')
      .replace(/^\s*\+/, ''),
    options,
  )
  return plus && minus && bareList([plus, minus])
}

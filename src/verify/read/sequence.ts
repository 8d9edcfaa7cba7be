/** `1, 3, 5, …, 99` written out, where the terms before the dots say how it continues. */

const WHOLE = /^-?\d{1,12}$/
const MOST_TERMS = 500

/** The items with whole-number sequences written out; other dots stay as they are. */
export function withoutEllipsis(items: readonly string[]): readonly string[] {
  const at = items.indexOf('…')
  if (at < 1 || at !== items.lastIndexOf('…') || at !== items.length - 2) return items
  const last = items[at + 1] ?? ''
  const before = items.slice(0, at)
  if (!WHOLE.test(last) || !before.every((item) => WHOLE.test(item))) return items
  const terms = continued(before.map(Number), Number(last))
  return terms ? terms.map(String) : items
}

/** By a constant difference, or by a constant factor where there are three terms; undefined where neither fits. */
function continued(first: readonly number[], last: number): number[] | undefined {
  const [a, b] = first
  if (a === undefined) return undefined
  const step = b === undefined ? Math.sign(last - a) : b - a
  if (step !== 0 && first.every((term, at) => term === a + at * step) && (last - a) % step === 0) {
    const count = (last - a) / step + 1
    return count >= first.length && count <= MOST_TERMS
      ? Array.from({ length: count }, (_, at) => a + at * step)
      : undefined
  }
  const factor = a === 0 || b === undefined ? 0 : b / a
  if (first.length < 3 || !Number.isInteger(factor) || Math.abs(factor) < 2) return undefined
  const terms = [a]
  for (let term = a; Math.abs(term) < Math.abs(last) && terms.length <= 60; ) {
    term *= factor
    terms.push(term)
  }
  const isSame = first.every((term, at) => term === terms[at])
  return isSame && terms.at(-1) === last ? terms : undefined
}

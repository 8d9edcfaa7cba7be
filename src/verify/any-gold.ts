/** A gold that is a JSON list of texts: answers of which any is right, as published sets and `golds: any` write them. */

/** More are not looked at: each costs a comparison. */
const MOST_GOLDS = 32

/** @returns the golds of a list; the gold itself, alone, where it is not one */
export function goldsOf(gold: string): readonly string[] {
  if (!/^\s*\["/.test(gold)) return [gold]
  try {
    const list: unknown = JSON.parse(gold)
    const isTexts = Array.isArray(list) && list.every((one) => typeof one === 'string')
    return isTexts && list.length > 0 ? list.slice(0, MOST_GOLDS) : [gold]
  } catch {
    return [gold]
  }
}

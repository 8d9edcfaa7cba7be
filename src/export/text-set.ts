/** A set of texts that remembers hashes of them: millions of texts at eight bytes each, half of the places free. */

export interface TextSet {
  /** @returns whether the text was not there yet, in its group */
  add(text: string, group: number): boolean
}

export function createTextSet(): TextSet {
  let places = new Float64Array(1 << 12)
  let used = 0
  const put = (hash: number): boolean => {
    const mask = places.length - 1
    let place = hash % places.length
    while (places[place] !== 0) {
      if (places[place] === hash) return false
      place = (place + 1) & mask
    }
    places[place] = hash
    return true
  }
  const grow = (): void => {
    const old = places
    places = new Float64Array(old.length * 2)
    for (const hash of old) if (hash !== 0) put(hash)
  }
  return {
    add(text, group) {
      if (used >= places.length / 2) grow()
      const isNew = put(textHash(text, group))
      if (isNew) used++
      return isNew
    },
  }
}

/**
 * 53 bits of a text, never 0: two 32-bit hashes with different multipliers, so that among a million texts two different ones
 * fall together once in about twenty thousand datasets.
 */
function textHash(text: string, group: number): number {
  let a = 0xdeadbeef ^ group
  let b = 0x41c6ce57 ^ Math.imul(group, 0x9e3779b1)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x9e3779b1)
    b = Math.imul(b ^ unit, 0x5f356495)
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return 4_294_967_296 * (b & 0x1fffff) + (a >>> 0) || 1
}

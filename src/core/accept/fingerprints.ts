/** A set of texts that keeps eight bytes of each, so that a million long ones fit in memory. */

export interface Fingerprints {
  /** @returns whether it was not there before */
  add(text: string): boolean
  has(text: string): boolean
}

const SMALLEST = 1024

/** Two texts of a million are taken for one with a chance of 3 in 100 million (64 bits: n^2 / 2^65). */
export function createFingerprints(): Fingerprints {
  // Open addressing: each slot is two words, both 0 where it is free; at most half of the slots are taken.
  let slots = new Uint32Array(2 * SMALLEST)
  let taken = 0
  const slotOf = (words: Uint32Array, high: number, low: number): number => {
    const mask = words.length / 2 - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const [a, b] = [words[2 * slot], words[2 * slot + 1]]
      if ((a === 0 && b === 0) || (a === high && b === low)) return 2 * slot
    }
  }
  const grow = (): void => {
    const larger = new Uint32Array(2 * slots.length)
    for (let at = 0; at < slots.length; at += 2) {
      const [high = 0, low = 0] = [slots[at], slots[at + 1]]
      if (high === 0 && low === 0) continue
      larger.set([high, low], slotOf(larger, high, low))
    }
    slots = larger
  }
  const find = (text: string): { readonly at: number; readonly high: number; readonly low: number } => {
    const [high, low] = hash64(text)
    return { at: slotOf(slots, high, low), high, low }
  }
  const isFree = (at: number): boolean => slots[at] === 0 && slots[at + 1] === 0
  return {
    has: (text) => !isFree(find(text).at),
    add(text) {
      const { at, high, low } = find(text)
      if (!isFree(at)) return false
      slots.set([high, low], at)
      taken++
      if (4 * taken > slots.length) grow()
      return true
    },
  }
}

/** Two lanes of multiply-and-mix over the text's UTF-16 units, each ended by murmur3's finalizer; never both 0. */
function hash64(text: string): readonly [number, number] {
  let a = 0x9e3779b1
  let b = 0x85ebca77
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x01000193)
    a ^= a >>> 15
    b = Math.imul((b << 5) ^ (b >>> 27) ^ unit, 0xc2b2ae3d)
  }
  const low = mix(a ^ (b >>> 11))
  return [mix(b ^ low), low || 1]
}

function mix(word: number): number {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The words of a text as hashes: letters and digits in lower case, everything else between them; nothing is allocated a text. */

export interface Words {
  /** How many there are; the arrays are longer, and are filled again by the next text. */
  readonly count: number
  readonly hashes: Int32Array
  /** Where each begins and ends in the text. */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

const UNKNOWN = 0xffff
const SEPARATOR = 0

/** By UTF-16 unit: the unit of its lower case, or that it stands between words. Learnt as texts need it. */
const folded = new Uint16Array(65_536).fill(UNKNOWN)

/** @returns a reader whose result holds until its next call */
export function createWordReader(): (text: string) => Words {
  let hashes = new Int32Array(1_024)
  let starts = new Int32Array(1_024)
  let ends = new Int32Array(1_024)
  const grow = (): void => {
    hashes = doubled(hashes)
    starts = doubled(starts)
    ends = doubled(ends)
  }
  return (text) => {
    let count = 0
    let hash = OFFSET
    let start = -1
    for (let i = 0; i <= text.length; i++) {
      const unit = i < text.length ? fold(text.charCodeAt(i)) : SEPARATOR
      if (unit !== SEPARATOR) {
        if (start < 0) start = i
        hash = Math.imul(hash ^ unit, PRIME)
      } else if (start >= 0) {
        if (count === hashes.length) grow()
        hashes[count] = mixed(hash)
        starts[count] = start
        ends[count] = i
        count++
        start = -1
        hash = OFFSET
      }
    }
    return { count, hashes, starts, ends }
  }
}

/** `count` words of a text from word `first` on, as they are compared: in lower case, a space between them. */
export function wordsText(text: string, words: Words, first: number, count: number): string {
  let joined = ''
  for (let i = first; i < first + count; i++) {
    joined += `${i === first ? '' : ' '}${text.slice(words.starts[i], words.ends[i]).toLowerCase()}`
  }
  return joined
}

// FNV-1a.
const OFFSET = 0x811c9dc5 | 0
const PRIME = 0x01000193

function fold(unit: number): number {
  const known = folded[unit] as number
  return known === UNKNOWN ? learn(unit) : known
}

function learn(unit: number): number {
  const character = String.fromCharCode(unit)
  // Halves of a pair cannot be asked on their own; pairs are mostly letters and emoji, which tell texts apart.
  const isWord = /[\p{L}\p{N}]/u.test(character) || (unit >= 0xd800 && unit < 0xe000)
  const result = isWord ? character.toLowerCase().charCodeAt(0) : SEPARATOR
  folded[unit] = result
  return result
}

/** The finalizer of murmur3. */
export function mixed(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(array.length * 2)
  longer.set(array)
  return longer
}

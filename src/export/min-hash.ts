/** MinHash (Broder 1997): a short signature of a set, whose agreement with another estimates how much the sets overlap. */

import { createRandom } from '../core/seed.ts'
import { mixed, type Words } from './words.ts'

/** Places of a signature; the estimate of a similarity s has the standard deviation sqrt(s (1 - s) / 128), 0.035 at 0.8. */
export const SIGNATURE_SIZE = 128

/** Words of a shingle: the set that stands for a text is that of all its runs of three words. */
export const SHINGLE_WORDS = 3

/** Fills `signature` for the words of a text. */
export type Signer = (words: Words, signature: Int32Array) => void

export function createSigner(): Signer {
  const random = createRandom(0x5e7)
  const integer = (): number => Math.floor(random() * 4_294_967_296) | 0
  const factors = Int32Array.from({ length: SIGNATURE_SIZE }, () => integer() | 1)
  const terms = Int32Array.from({ length: SIGNATURE_SIZE }, integer)
  return ({ count, hashes }, signature) => {
    signature.fill(0x7fffffff)
    // A text shorter than a shingle is one shingle.
    const shingles = Math.max(count === 0 ? 0 : 1, count - SHINGLE_WORDS + 1)
    for (let first = 0; first < shingles; first++) {
      let shingle = 0
      const end = Math.min(count, first + SHINGLE_WORDS)
      for (let i = first; i < end; i++) shingle = mixed(Math.imul(shingle, 31) + (hashes[i] as number))
      for (let i = 0; i < SIGNATURE_SIZE; i++) {
        const value = (Math.imul(shingle, factors[i] as number) + (terms[i] as number)) | 0
        if (value < (signature[i] as number)) signature[i] = value
      }
    }
  }
}

/** What is kept of a signature's place: enough to tell values apart in 255 of 256 cases. */
export function shortened(signature: Int32Array, into: Uint8Array, at: number): void {
  for (let i = 0; i < SIGNATURE_SIZE; i++) into[at + i] = mixed(signature[i] as number)
}

/** The similarity that two shortened signatures estimate, chance agreement taken out (b-bit MinHash, Li and König 2010). */
export function similarity(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  let same = 0
  for (let i = 0; i < SIGNATURE_SIZE; i++) if (a[atA + i] === b[atB + i]) same++
  return (same / SIGNATURE_SIZE - 1 / 256) / (1 - 1 / 256)
}

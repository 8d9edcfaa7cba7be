/** Finds texts that nearly repeat an earlier one: signatures are cut into bands, and only texts that share a band are compared. */

import { createSigner, SIGNATURE_SIZE, shortened, similarity } from './min-hash.ts'
import { mixed, type Words } from './words.ts'

/** Bands of a signature; the rows of a band follow from the threshold. */
const BANDS = 10
/** Texts of one band that are compared at most, so that a million texts with one opening cost no square. */
const MOST_COMPARED = 64
const CHUNK_TEXTS = 4_096

/**
 * Says whether a text nearly repeats one that was kept before; one that does not is kept.
 * @param group texts are compared within their group only
 */
export type NearDuplicateIndex = (group: number, words: Words) => boolean

/**
 * @param threshold share of common runs of three words from which on a text is a repetition, above 0 and below 1.
 *   A pair at the threshold itself is compared with probability 0.95, a more similar one more surely; without words no text repeats any.
 */
export function createNearDuplicateIndex(threshold: number): NearDuplicateIndex {
  const sign = createSigner()
  const rows = bandRows(threshold)
  const table = createBandTable()
  const chunks: Uint8Array[] = []
  const signature = new Int32Array(SIGNATURE_SIZE)
  const short = new Uint8Array(SIGNATURE_SIZE)
  const keys = new Int32Array(BANDS)
  let kept = 0

  const repeats = (): boolean => {
    for (let band = 0; band < BANDS; band++) {
      let compared = 0
      for (let at = table.first(keys[band] as number); at >= 0; at = table.next(at, keys[band] as number)) {
        const text = table.text(at)
        const chunk = chunks[Math.floor(text / CHUNK_TEXTS)] as Uint8Array
        if (similarity(short, 0, chunk, (text % CHUNK_TEXTS) * SIGNATURE_SIZE) >= threshold) return true
        if (++compared === MOST_COMPARED) break
      }
    }
    return false
  }
  return (group, words) => {
    if (words.count === 0) return false
    sign(words, signature)
    shortened(signature, short, 0)
    for (let band = 0; band < BANDS; band++) keys[band] = bandKey(signature, band, rows, group)
    if (repeats()) return true
    if (kept % CHUNK_TEXTS === 0) chunks.push(new Uint8Array(CHUNK_TEXTS * SIGNATURE_SIZE))
    chunks.at(-1)?.set(short, (kept % CHUNK_TEXTS) * SIGNATURE_SIZE)
    for (let band = 0; band < BANDS; band++) table.add(keys[band] as number, kept)
    kept++
    return false
  }
}

/** The most rows with which a pair at the threshold shares a band with probability 1 - (1 - threshold^rows)^bands of at least 0.95. */
function bandRows(threshold: number): number {
  const inOneBand = 1 - 0.05 ** (1 / BANDS)
  const rows = Math.floor(Math.log(inOneBand) / Math.log(threshold))
  return Math.min(Math.max(rows, 1), Math.floor(SIGNATURE_SIZE / BANDS))
}

/** The group is a part of the key, so that texts of different groups never meet (but for one chance in four billion). */
function bandKey(signature: Int32Array, band: number, rows: number, group: number): number {
  let key = mixed(Math.imul(group, 0x9e3779b1) + band)
  for (let i = band * rows; i < (band + 1) * rows; i++) key = mixed(Math.imul(key, 31) + (signature[i] as number))
  return key === 0 ? 1 : key
}

interface BandTable {
  add(key: number, text: number): void
  /** The first place that holds the key; -1 where none does. */
  first(key: number): number
  next(place: number, key: number): number
  text(place: number): number
}

/** Open addressing in two flat arrays: millions of entries at eight bytes each. A key of 0 marks a free place. */
function createBandTable(): BandTable {
  let keys = new Int32Array(1 << 12)
  let texts = new Int32Array(1 << 12)
  let used = 0
  const put = (key: number, text: number): void => {
    const mask = keys.length - 1
    let place = key & mask
    while (keys[place] !== 0) place = (place + 1) & mask
    keys[place] = key
    texts[place] = text
  }
  const seek = (from: number, key: number): number => {
    const mask = keys.length - 1
    let place = from & mask
    while (keys[place] !== 0) {
      if (keys[place] === key) return place
      place = (place + 1) & mask
    }
    return -1
  }
  const grow = (): void => {
    const [oldKeys, oldTexts] = [keys, texts]
    keys = new Int32Array(oldKeys.length * 2)
    texts = new Int32Array(oldKeys.length * 2)
    for (let i = 0; i < oldKeys.length; i++) if (oldKeys[i] !== 0) put(oldKeys[i] as number, oldTexts[i] as number)
  }
  return {
    add(key, text) {
      if (used >= keys.length * 0.7) grow()
      put(key, text)
      used++
    },
    first: (key) => seek(key, key),
    next: (place, key) => seek(place + 1, key),
    text: (place) => texts[place] as number,
  }
}

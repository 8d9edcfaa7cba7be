/** Hashes of whole texts that millions of them may share a set of. */

/**
 * 53 bits of a text: two 32-bit hashes with different multipliers, so that among a million texts two different ones fall
 * together once in about twenty thousand datasets.
 */
export function textHash(text: string, group: number): number {
  let a = 0xdeadbeef ^ group
  let b = 0x41c6ce57 ^ Math.imul(group, 0x9e3779b1)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x9e3779b1)
    b = Math.imul(b ^ unit, 0x5f356495)
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return 4_294_967_296 * (b & 0x1fffff) + (a >>> 0)
}

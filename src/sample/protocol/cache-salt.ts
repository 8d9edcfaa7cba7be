/** The salt that keeps a server's prefix cache of one checkpoint apart from the next. */

import { createHash } from 'node:crypto'

/**
 * A digest of the checkpoint's identity, since identities hold paths and model names: vLLM takes at most 128 characters, and
 * none of `@`, `/`, `\` and NUL.
 *
 * @param checkpoint content hash, or the name that stands for it
 * @returns 64 hexadecimal digits
 */
export function cacheSalt(checkpoint: string): string {
  return createHash('sha256').update(checkpoint).digest('hex')
}

/** The small model with an output layer of its own: what a tied one shares with the embeddings is written out. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Tensor {
  readonly data_offsets: readonly [number, number]
}

const EMBEDDINGS = 'model.embed_tokens.weight'
const OUTPUT = 'lm_head.weight'

/** Writes it to a new folder; it answers exactly as the tied one does. */
export function writeUntied(tied: string, folder: string): string {
  cpSync(tied, folder, { recursive: true })
  const config = JSON.parse(readFileSync(join(tied, 'config.json'), 'utf8'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, tie_word_embeddings: false }, undefined, 2))
  const file = readFileSync(join(tied, 'model.safetensors'))
  const length = Number(file.readBigUInt64LE(0))
  const tensors: Record<string, Tensor> = JSON.parse(file.toString('utf8', 8, 8 + length))
  const data = file.subarray(8 + length)
  const embeddings = tensors[EMBEDDINGS]
  if (!embeddings || tensors[OUTPUT]) throw new Error(`${tied} is not a tied model`)
  const copy = data.subarray(...embeddings.data_offsets)
  const output = { ...embeddings, data_offsets: [data.length, data.length + copy.length] }
  const written = JSON.stringify({ ...tensors, [OUTPUT]: output })
  const header = Buffer.from(written.padEnd(Math.ceil(written.length / 8) * 8))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(header.length))
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([size, header, data, copy]))
  return folder
}

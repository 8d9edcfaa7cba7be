/** Bodies that a proxy has compressed although nobody asked for it, taken apart piece by piece. */

import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { MalformedAnswer } from './malformed-answer.ts'

export interface Decoder {
  push(chunk: Buffer): void
  /** The body is over; what is still to come of it comes before `onEnd`. */
  end(): void
  destroy(): void
}

export interface Decoded {
  readonly onData: (chunk: Buffer) => void
  readonly onEnd: () => void
  readonly onError: (error: MalformedAnswer) => void
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/**
 * @param encoding the Content-Encoding header
 * @returns undefined where the body comes as it is, or in a form that nobody here knows
 */
export function decoderOf(encoding: string | undefined, { onData, onEnd, onError }: Decoded): Decoder | undefined {
  const create = DECODERS[encoding?.trim().toLowerCase() ?? '']
  if (create === undefined) return undefined
  const stream = create()
  stream.on('data', onData)
  stream.on('end', onEnd)
  stream.on('error', ({ message }) => onError(new MalformedAnswer(`the answer is not ${encoding}: ${message}`)))
  return {
    push: (chunk) => void stream.write(chunk),
    end: () => void stream.end(),
    destroy: () => void stream.destroy(),
  }
}

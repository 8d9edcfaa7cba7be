/**
 * Compiles src/embedded/kernels to assets/embedded/kernels.wasm.
 *
 *     npm run build:kernels [-- --out FILE]
 *
 * The compiled file is committed, so that a checkout runs without the compiler; a test rebuilds it and compares bytes.
 */

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = ['gemm', 'softmax', 'attention', 'rope', 'layers', 'adam', 'heap']

const { values } = parseArgs({ options: { out: { type: 'string', default: 'assets/embedded/kernels.wasm' } } })
const { error, stderr } = await asc.main(
  [
    ...SOURCES.map((name) => `src/embedded/kernels/${name}.ts`),
    ...['--baseDir', root, '--outFile', values.out],
    ...[
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--importMemory',
      '--zeroFilledMemory',
      '--initialMemory',
      '1',
    ],
    ...['--use', 'abort='],
  ],
  {},
)
if (error) {
  console.error(`The kernels do not compile: ${error.message}\n${stderr.toString()}`)
  process.exitCode = 1
}

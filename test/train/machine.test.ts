/** What a machine and a directory of weights tell of themselves. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gpuMemory, readShape } from '../../src/train/machine.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-machine-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(process.platform === 'win32')('the memory of GPUs', () => {
  const path = process.env.PATH
  afterEach(() => {
    process.env.PATH = path
  })

  /** A machine whose nvidia-smi is this script, and nothing else. */
  function machine(script?: string): void {
    process.env.PATH = folder
    if (script === undefined) return
    writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'nvidia-smi'), 0o755)
  }

  test('is told in bytes, of each of them', async () => {
    machine("printf '81920\\n  24564\\n'")
    expect(await gpuMemory()).toEqual([81_920 * 2 ** 20, 24_564 * 2 ** 20])
  })

  test('is asked for as a bare number of megabytes', async () => {
    machine('case "$*" in *memory.total*noheader,nounits*) echo 1;; esac')
    expect(await gpuMemory()).toEqual([2 ** 20])
  })

  test('is left out of a GPU that does not tell it', async () => {
    machine("printf '[N/A]\\n0\\n40960\\n'")
    expect(await gpuMemory()).toEqual([40_960 * 2 ** 20])
  })

  test('is none without the program, or where it has no driver', async () => {
    machine()
    expect(await gpuMemory()).toEqual([])
    machine('echo 81920; exit 9')
    expect(await gpuMemory()).toEqual([])
  })
})

describe('the shape of a model', () => {
  const shape = (text: string) => {
    writeFileSync(join(folder, 'config.json'), text)
    return readShape(folder)
  }

  test('is read from the config.json of its weights', () => {
    const config = {
      hidden_size: 8,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      vocab_size: 10,
      intermediate_size: 16,
    }
    expect(shape(JSON.stringify(config))).toMatchObject({ hidden: 8, layers: 2, heads: 4, vocabulary: 10 })
  })

  test.each(['null', '[]', '"text"', '7', '{}', '{"hidden_size":', ''])('is unknown of a config.json of %s', (text) => {
    expect(shape(text)).toBeUndefined()
  })

  test('is unknown where there is none, as of a name', () => {
    expect(readShape('someone/model')).toBeUndefined()
  })
})

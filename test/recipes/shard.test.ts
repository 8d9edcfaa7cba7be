/** One process, two with a copy each (DDP) and two that share one (FSDP2) train the same model, on CPUs through gloo. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  datasetText,
  endChildren,
  makeBase,
  PYTHON,
  python,
  recipe,
  skipped,
  TIMEOUT_MS,
  underTorchrun,
  weightsOf,
} from './recipe.ts'

const LARGEST_DIFFERENCE = `
import sys
from safetensors.torch import load_file

a, b = (load_file(path) for path in sys.argv[1:])
assert a.keys() == b.keys(), a.keys() ^ b.keys()
print(max((a[name].double() - b[name].double()).abs().max().item() for name in a))
`

const WITHIN = 1e-5
const LORA = { method: 'lora', 'lora-r': '4', merge: undefined }
const TWO = underTorchrun(2)
const nothing = (): void => {}

describe.skipIf(PYTHON === undefined)(`several processes${skipped}`, { timeout: TIMEOUT_MS }, () => {
  let folder = ''
  const at = (name: string): string => join(folder, name)
  const lossesOf = (name: string) => JSON.parse(readFileSync(join(folder, name, 'metrics.json'), 'utf8')).loss
  const processesOf = (name: string) => JSON.parse(readFileSync(join(folder, name, 'metrics.json'), 'utf8')).processes
  const difference = (a: string, b: string): number =>
    Number(python(['-c', LARGEST_DIFFERENCE, at(`${a}/master/model.safetensors`), at(`${b}/master/model.safetensors`)]))

  async function train(name: string, flags: Readonly<Record<string, string | undefined>>, program?: readonly string[]) {
    const all = { 'output-dir': at(name), 'batch-size': '16', 'micro-batch-size': '4', ...flags }
    const { code } = await recipe(folder, all, nothing, program)
    return code
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spendwise-shard-'))
    makeBase(at('base'), 'bfloat16')
    makeBase(at('untied'), 'bfloat16', 'untied')
    // Seven micro batches in its first steps, two rows in the last one of an epoch.
    writeFileSync(at('dataset.jsonl'), datasetText(50))
  }, TIMEOUT_MS)
  afterAll(() => {
    endChildren()
    rmSync(folder, { recursive: true, force: true })
  })

  function expectSame(one: string, other: string): void {
    const [a, b] = [lossesOf(one), lossesOf(other)]
    expect(Math.abs(a.first - b.first)).toBeLessThan(WITHIN)
    expect(Math.abs(a.last - b.last)).toBeLessThan(WITHIN)
    expect(difference(one, other)).toBeLessThan(WITHIN)
  }

  const sharded = { shard: 'full', 'optimizer-state': 'keep' }

  // The one that is tried in every run of the stack; what follows takes minutes and builds on it.
  test('two shards of one model give the losses and weights of one process', async () => {
    expect(await train('one', {})).toBe(0)
    expect(await train('whole', sharded, TWO)).toBe(0)
    expectSame('one', 'whole')
    expect(processesOf('whole')).toEqual({ count: 2, share: 'shards' })
  })

  test('two copies, and two shards that are stopped and resumed, give the same', async () => {
    expect(await train('copies', { shard: 'none' }, TWO)).toBe(0)
    expectSame('one', 'copies')
    expect(processesOf('copies')).toEqual({ count: 2, share: 'copies' })
    // Its minutes are over after the first step; torchrun turns the 75 into a 1.
    expect(await train('shards', { ...sharded, 'max-minutes': '0.0001' }, TWO)).toBe(1)
    expect(await train('shards', sharded, TWO)).toBe(0)
    expect(weightsOf(at('shards/master'))).toBe(weightsOf(at('whole/master')))
    // Moments that shards have written, read by one process and by shards.
    expect(await train('next-one', { 'optimizer-state': 'keep', 'base-model': at('shards') })).toBe(0)
    expect(await train('next-two', { ...sharded, 'base-model': at('shards') }, TWO)).toBe(0)
    expectSame('next-one', 'next-two')
  })

  test('shards of a model with an output layer of its own, and of one with an adapter, are those of one process', async () => {
    expect(await train('untied-one', { 'base-model': at('untied') })).toBe(0)
    expect(await train('untied-two', { 'base-model': at('untied'), shard: 'full' }, TWO)).toBe(0)
    expectSame('untied-one', 'untied-two')
    expect(processesOf('untied-two').share).toBe('shards')
    expect(await train('lora-one', LORA)).toBe(0)
    expect(await train('lora-two', { ...LORA, shard: 'full' }, TWO)).toBe(0)
    expectSame('lora-one', 'lora-two')
  })
})

/** What is left of an update between two jobs: fp32 weights next to 16-bit ones (`master/`), as real TRL jobs on a tiny model. */

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { datasetText, endChildren, makeBase, PYTHON, python, recipe, skipped, TIMEOUT_MS, weightsOf } from './recipe.ts'

/** Steps as small as those of a first iteration: every row in each, so that five times two steps see what ten see. */
const SMALL = { 'batch-size': '24', lr: '1e-6', 'lr-end': '1e-6', epochs: '0', 'micro-batch-size': '0' }

/** Mean absolute difference of the weights of two directories. */
const MOVED = `
import sys
from safetensors.torch import load_file

a, b = (load_file(path + "/model.safetensors") for path in sys.argv[1:])
print(sum((a[name].double() - b[name].double()).abs().sum().item() for name in a) / sum(t.numel() for t in a.values()))
`

interface Update {
  readonly meanAbs: number
  readonly kept: number
  readonly served: number
}

describe.skipIf(PYTHON === undefined)(`weights between jobs${skipped}`, { timeout: TIMEOUT_MS }, () => {
  let folder = ''
  const at = (name: string): string => join(folder, name)
  const metricsOf = (name: string) => JSON.parse(readFileSync(join(folder, name, 'metrics.json'), 'utf8'))
  const moved = (name: string): number => Number(python(['-c', MOVED, at('base'), at(name)]))

  /** Jobs of so many steps, each from the one before; the name of the last. */
  async function train(name: string, jobs: number, steps: number, flags: Readonly<Record<string, string>>) {
    for (let job = 1; job <= jobs; job++) {
      const from = job === 1 ? (flags['base-model'] ?? at('base')) : at(`${name}-${job - 1}`)
      const own = { 'base-model': from, 'output-dir': at(`${name}-${job}`), 'max-steps': String(steps) }
      expect(await recipe(folder, { ...SMALL, ...flags, ...own })).toMatchObject({ code: 0 })
    }
    return `${name}-${jobs}`
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spendwise-master-'))
    makeBase(at('base'), 'bfloat16')
    makeBase(at('base-fp32'), 'float32')
    writeFileSync(at('dataset.jsonl'), datasetText(24))
  }, TIMEOUT_MS)
  afterAll(() => {
    endChildren()
    rmSync(folder, { recursive: true, force: true })
  })

  test('five jobs of two steps on a 16-bit base end with the very weights of one job of ten', async () => {
    const keep = { 'optimizer-state': 'keep' }
    const five = await train('five', 5, 2, keep)
    const one = await train('one', 1, 10, keep)
    expect(weightsOf(at(`${five}/master`))).toBe(weightsOf(at(`${one}/master`)))
    expect(weightsOf(at(five))).toBe(weightsOf(at(one)))
    expect(metricsOf(five)).toMatchObject({
      base: { sha256: weightsOf(at('five-4')), master: weightsOf(at('five-4/master')) },
      master: { sha256: weightsOf(at(`${five}/master`)) },
      update: { kept: 1 },
    })
  })

  test('three small jobs move a 16-bit base as far as an fp32 one, and a twentieth as far where nothing is kept', async () => {
    const short = await train('short', 3, 2, {})
    const long = await train('long', 3, 2, { 'base-model': at('base-fp32') })
    const rounded = await train('rounded', 3, 2, { master: 'none' })
    const [ours, fp32, lost] = [moved(`${short}/master`), moved(long), moved(rounded)]
    expect(existsSync(at(`${long}/master`))).toBe(false)
    expect(ours / fp32).toBeGreaterThan(0.99)
    expect(ours / fp32).toBeLessThan(1.01)
    expect(lost / fp32).toBeLessThan(0.15)
    const update: Update = metricsOf(rounded).update
    expect(update.kept).toBeLessThan(0.15)
    expect(update.served).toBe(update.kept)
  })

  test('warns where most of an update is rounded away', async () => {
    const flags = { ...SMALL, 'max-steps': '2', master: 'none', 'output-dir': at('warned') }
    const { events } = await recipe(folder, flags)
    expect(events).toContainEqual({
      event: 'warning',
      message: expect.stringMatching(/^Only \d+% of this job's update/),
    })
  })

  test('refuses fp32 weights that are not those that were written', async () => {
    const own = await train('own', 1, 2, {})
    cpSync(at(own), at('changed'), { recursive: true })
    cpSync(at('base/model.safetensors'), at('changed/master/model.safetensors'))
    const flags = { ...SMALL, 'max-steps': '2', 'base-model': at('changed'), 'output-dir': at('none') }
    const { code, events } = await recipe(folder, flags)
    expect(code).toBe(2)
    expect(events.at(-1)).toMatchObject({ message: expect.stringContaining('changed/master is not what') })
  })
})

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
  const lossesOf = (name: string): number[] => {
    const job = (number: string): number => metricsOf(name.replace(/\d+$/, number)).loss.last
    return [metricsOf(name.replace(/\d+$/, '1')).loss.first, job('1'), job('3')]
  }
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
    // The very same weights, so that what is compared is what becomes of them.
    makeBase(at('base-fp32'), 'bfloat16,float32')
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

  // The first iterations of a preset for GPUs that are shared, and of the paper's presets.
  test.each([
    { lr: '1e-6', steps: 2, lost: 0.15 },
    { lr: '1e-7', steps: 10, lost: 0.05 },
  ])(
    'three jobs of $steps steps at $lr move a 16-bit base as far as an fp32 one, and hardly where nothing is kept',
    async (job) => {
      const rates = { lr: job.lr, 'lr-end': job.lr }
      const name = (kind: string): string => `${kind}-${job.lr}`
      const short = await train(name('short'), 3, job.steps, rates)
      const long = await train(name('long'), 3, job.steps, { ...rates, 'base-model': at('base-fp32') })
      const rounded = await train(name('rounded'), 3, job.steps, { ...rates, master: 'none' })
      const [ours, fp32, lost] = [moved(`${short}/master`), moved(long), moved(rounded)]
      const row = { job, share: ours / fp32, shareLost: lost / fp32, losses: [short, long, rounded].map(lossesOf) }
      console.log(JSON.stringify({ moved: { ours, fp32, lost }, ...row }))
      expect(existsSync(at(`${long}/master`))).toBe(false)
      expect(row.share).toBeGreaterThan(0.99)
      expect(row.share).toBeLessThan(1.01)
      expect(row.shareLost).toBeLessThan(job.lost)
      const update: Update = metricsOf(rounded).update
      expect(update.kept).toBeLessThan(job.lost)
      expect(update.served).toBe(update.kept)
    },
  )

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

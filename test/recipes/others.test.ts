/**
 * Trainers of other people behind the recipe's contract, on a tiny model. Each runs where its variable names a Python that has it
 * (docs/trainers.md says which versions); what it makes of rows is compared with what recipes/train_sft.py makes of them.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMetrics } from '../../src/train/metrics.ts'
import {
  datasetText,
  endChildren,
  makeBase,
  OTHER_TRAINERS,
  PYTHON,
  python,
  RECIPE,
  recipe,
  sha256,
  TIMEOUT_MS,
  WITH_OTHERS,
  weightsOf,
} from './recipe.ts'

const ROWS = 32

/** Of two checkpoints and their base: largest difference of the two, largest move of the first, cosine of the two updates. */
const DIFFERENCE = `
import sys
import torch
from safetensors.torch import load_file
a, b, c = (load_file(path) for path in sys.argv[1:])
assert a.keys() == b.keys() == c.keys(), (a.keys() ^ b.keys(), a.keys() ^ c.keys())
a, b, c = (torch.cat([x[name].double().flatten() for name in a]) for x in (a, b, c))
print((a - b).abs().max().item(), (a - c).abs().max().item(), torch.cosine_similarity(a - c, b - c, 0).item())
`

describe.each(OTHER_TRAINERS)('train_with.py $name', ({ name, python: program }) => {
  const missing = program === undefined || PYTHON === undefined

  describe.skipIf(missing)('', { timeout: TIMEOUT_MS }, () => {
    let folder = ''
    const at = (path: string): string => join(folder, path)
    /** Every row in every step, so that no order of rows can tell trainers apart. */
    const usual = { 'batch-size': `${ROWS}`, 'micro-batch-size': '8', epochs: '4', lr: '1e-3', 'lr-end': '1e-3' }
    const train = (output: string, flags: Readonly<Record<string, string | undefined>> = {}) =>
      recipe(folder, { ...usual, 'output-dir': at(output), ...flags }, () => {}, [WITH_OTHERS, name], program)

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'spendwise-others-'))
      makeBase(at('base'), 'bfloat16')
      writeFileSync(at('dataset.jsonl'), datasetText(ROWS))
    }, TIMEOUT_MS)
    afterAll(() => {
      endChildren()
      rmSync(folder, { recursive: true, force: true })
    })

    test('its weights are those that recipes/train_sft.py makes of the same rows, and so is all that is published', async () => {
      const own = await recipe(folder, { ...usual, 'output-dir': at('own') }, () => {}, [RECIPE])
      const { code, events } = await train('theirs')
      expect([own.code, code]).toEqual([0, 0])
      const steps = events.filter(({ event }) => event === 'progress').map(({ step }) => step)
      expect(steps.at(-1)).toBe(4)
      const files = ['own', 'theirs', 'base'].map((one) =>
        at(`${one}/${one === 'base' ? '' : 'master/'}model.safetensors`),
      )
      const [apart, moved, cosine] = python(['-c', DIFFERENCE, ...files])
        .split(' ')
        .map(Number)
      expect(moved).toBeGreaterThan(1e-3)
      console.log(JSON.stringify({ name, apart, moved, cosine }))
      expect(cosine).toBeGreaterThan(0.9999)
      const job = { output: at('theirs'), datasetSha256: sha256(readFileSync(at('dataset.jsonl'))) }
      const [mine, theirs] = [readMetrics({ ...job, output: at('own') }), readMetrics(job)]
      expect(theirs).toMatchObject({ dataset: { rows: ROWS }, steps: 4, tokens: mine?.tokens, base: mine?.base })
      expect(theirs?.loss.first).toBeCloseTo(mine?.loss.first ?? 0, 2)
      expect(theirs?.update?.kept).toBeCloseTo(1, 6)
      // A job that is submitted again is done.
      expect((await train('theirs')).events.at(-1)).toMatchObject({ event: 'done', already: true })
    })

    test('stopped and resumed, it ends with the same weights; the next job starts from the fp32 ones', async () => {
      const flags = { 'base-model': at('theirs'), 'save-steps': '1' }
      expect(await train('whole', flags)).toMatchObject({ code: 0 })
      let isStopped = false
      const first = await recipe(
        folder,
        { ...usual, epochs: '40', 'output-dir': at('stopped'), ...flags },
        ({ event, step = 0 }, child) => {
          if (event !== 'progress' || step < 2 || isStopped) return
          isStopped = true
          child.kill('SIGTERM')
        },
        [WITH_OTHERS, name],
        program,
      )
      expect(first.code).toBe(75)
      // Other arguments than it began with.
      expect((await train('stopped', flags)).code).toBe(2)
      const resumed = await train('stopped', { ...flags, epochs: '40' })
      expect(resumed.code).toBe(0)
      const start = resumed.events.find(({ event }) => event === 'start')
      expect(start?.step).toBeGreaterThan(0)
      expect(await train('unstopped', { ...flags, epochs: '40' })).toMatchObject({ code: 0 })
      expect(weightsOf(at('stopped/master'))).toBe(weightsOf(at('unstopped/master')))
    })

    test('adapters come out alone or merged; what cannot be done is said in a sentence', async () => {
      const lora = { method: 'lora', 'lora-r': '4', lr: '1e-2', 'lr-end': '1e-2' }
      expect(await train('merged', { ...lora, merge: undefined })).toMatchObject({ code: 0 })
      const files = ['merged/master', 'base', 'base'].map((one) => at(`${one}/model.safetensors`))
      expect(Number(python(['-c', DIFFERENCE, ...files]).split(' ')[0])).toBeGreaterThan(1e-3)
      const odd = await train('odd', { 'batch-size': '30' })
      expect(odd).toMatchObject({ code: 2 })
      expect(odd.events.at(-1)?.message).toContain('no multiple of 8')
      const wrong = await train('wrong', { set: 'learning_rate="fast"' })
      expect(wrong).toMatchObject({ code: 3 })
      expect(wrong.events.at(-1)?.message).toMatch(new RegExp(`^${name} ended with \\d+: `))
    })
  })
})

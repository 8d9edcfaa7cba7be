/** Rows that are too long, steps that do not fit, and bases that are more than a text model. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  datasetText,
  ENV,
  endChildren,
  makeBase,
  PYTHON,
  python,
  RECIPE,
  recipe,
  skipped,
  TIMEOUT_MS,
  weightsOf,
} from './recipe.ts'

/** The recipe on a machine whose memory ends at so many tokens at once. */
const SMALL_MACHINE = `
import sys
sys.path.insert(0, ${JSON.stringify(dirname(RECIPE))})
import torch
import train_sft
from trl import SFTTrainer

MOST = 40
whole_step = SFTTrainer.training_step

def step(self, model, inputs, num_items_in_batch=None):
    if inputs["input_ids"].numel() > MOST:
        raise torch.OutOfMemoryError("CUDA out of memory (played)")
    return whole_step(self, model, inputs, num_items_in_batch)

SFTTrainer.training_step = step
train_sft.run_program(train_sft.main)
`

/** Shapes and bytes of a directory's tensors by whether they are of the vision part. */
const PARTS = `
import sys
from safetensors.torch import load_file

a, b = (load_file(path + "/model.safetensors") for path in sys.argv[1:])
changed = {name for name in a if a[name].ne(b[name]).any()}
print(sorted(a) == sorted(b), len(changed) > 10, any("vis" in name for name in changed))
`

const MAKER = join(import.meta.dirname, '../../../shared/field-cases/make-tiny-qwen35.py')
const STACK_MODEL = join(import.meta.dirname, '../stack/model')

describe.skipIf(PYTHON === undefined)(`limits of a job${skipped}`, { timeout: TIMEOUT_MS }, () => {
  let folder = ''
  const at = (name: string): string => join(folder, name)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spendwise-limits-'))
    makeBase(at('base'))
    writeFileSync(at('dataset.jsonl'), datasetText(30))
    writeFileSync(at('small-machine.py'), SMALL_MACHINE)
  }, TIMEOUT_MS)
  afterAll(() => {
    endChildren()
    rmSync(folder, { recursive: true, force: true })
  })

  test('a step that does not fit is halved until it does, and the batch stays what it was', async () => {
    const flags = { 'micro-batch-size': '0', 'output-dir': at('roomy') }
    expect(await recipe(folder, flags)).toMatchObject({ code: 0 })
    const small = { ...flags, 'output-dir': at('small') }
    const { code, events } = await recipe(folder, small, () => {}, [at('small-machine.py')])
    expect(code).toBe(0)
    const halvings = events
      .filter(({ event }) => event === 'warning')
      .map(({ message }) => message?.match(/with (\d+)/)?.[1])
    // 16 rows of up to 19 tokens at first.
    expect(halvings.map(Number)).toEqual([152, 76, 38])
    const difference = `
import sys
from safetensors.torch import load_file
a, b = (load_file(path + "/model.safetensors") for path in sys.argv[1:])
print(max((a[name] - b[name]).abs().max().item() for name in a) < 1e-6)
`
    expect(python(['-c', difference, at('roomy'), at('small')])).toBe('True')
  })

  test('a single row that does not fit ends the job with what to set', async () => {
    const script = at('tiny-machine.py')
    writeFileSync(script, SMALL_MACHINE.replace('MOST = 40', 'MOST = 8'))
    const { code, events } = await recipe(folder, { 'output-dir': at('tiny') }, () => {}, [script])
    expect(code).toBe(3)
    expect(events.at(-1)).toMatchObject({ message: expect.stringContaining('set accept.maxTokens or --max-length') })
  })

  test('rows that are too long are left out, counted and said', async () => {
    const { code, events } = await recipe(folder, { 'output-dir': at('short'), 'max-length': '14' })
    expect(code).toBe(0)
    expect(events).toContainEqual({ event: 'left-out', rows: 25, limit: 14, longest: 19 })
    const { dataset, steps } = JSON.parse(readFileSync(at('short/metrics.json'), 'utf8'))
    expect({ ...dataset, steps }).toMatchObject({ rows: 30, dropped: 25, steps: 2 })
  })

  test.skipIf(!existsSync(MAKER))(
    'a multimodal base comes out whole, its text trained (skipped without ../shared/field-cases)',
    async () => {
      for (const kind of ['qwen35', 'gemma3']) {
        expect(spawnSync(PYTHON ?? '', [MAKER, kind, STACK_MODEL], { cwd: folder, env: ENV }).status).toBe(0)
        writeFileSync(at(`${kind}/processor_config.json`), '{"of": "the base"}')
        const flags = { 'base-model': at(kind), 'output-dir': at(`${kind}-out`), lr: '1e-3' }
        expect(await recipe(folder, flags)).toMatchObject({ code: 0 })
        expect(python(['-c', PARTS, at(kind), at(`${kind}-out`)])).toBe('True True False')
        expect(readFileSync(at(`${kind}-out/processor_config.json`), 'utf8')).toBe('{"of": "the base"}')
      }
    },
  )

  test('a base whose tensors its class does not have is refused before anything is trained', async () => {
    makeBase(at('strange'))
    const rename = `
import sys
from safetensors.torch import load_file, save_file
path = sys.argv[1] + "/model.safetensors"
tensors = {name.replace("layers.1.", "blocks.1."): tensor for name, tensor in load_file(path).items()}
save_file(tensors, path, metadata={"format": "pt"})
`
    python(['-c', rename, at('strange')])
    const before = weightsOf(at('strange'))
    const { code, events } = await recipe(folder, { 'base-model': at('strange'), 'output-dir': at('none') })
    expect(code).toBe(2)
    expect(events.at(-1)).toMatchObject({ message: expect.stringContaining('has no tensor model.layers.1.') })
    expect(weightsOf(at('strange'))).toBe(before)
  })
})

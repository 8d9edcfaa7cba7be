/**
 * The TRL recipe on a tiny model, as a process of its own. It runs where a Python with recipes/requirements.txt is named by
 * SPENDWISE_PYTHON or lies in recipes/.venv; nothing is installed here.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { RECIPE_FLAGS } from '../../src/core/placeholders.ts'
import { readMetrics } from '../../src/train/metrics.ts'
import { ended, submitted, trainingJob } from '../train/training-job.ts'
import {
  datasetText,
  ENV,
  endChildren,
  makeBase,
  PYTHON,
  python,
  RECIPE,
  recipe,
  sha256,
  skipped,
  TIMEOUT_MS,
  terminatedAt,
  weightsOf,
} from './recipe.ts'
import { presetCommand, TWO_MESSAGES, WITH_TEMPLATE } from './sft-inputs.ts'

/** Weights load without a message about keys, and the model answers. */
const LOAD_AND_GENERATE = `
import sys
from transformers import AutoModelForCausalLM, AutoTokenizer

model, info = AutoModelForCausalLM.from_pretrained(sys.argv[1], output_loading_info=True)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
prompt = tokenizer.apply_chat_template([{"role": "user", "content": "1+1?"}], add_generation_prompt=True, return_tensors="pt")
length = prompt["input_ids"].shape[1]
print(len(info["missing_keys"]), len(info["unexpected_keys"]), model.generate(**prompt, max_new_tokens=4).shape[1] > length)
`

describe.skipIf(PYTHON === undefined)(`recipes/train_sft.py${skipped}`, { timeout: TIMEOUT_MS }, () => {
  let folder = ''
  let base = ''
  let reference = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spendwise-recipe-'))
    base = join(folder, 'base')
    makeBase(base)
    writeFileSync(join(folder, 'dataset.jsonl'), datasetText(50))
    reference = join(folder, 'reference')
    const { code } = await recipe(folder, { 'output-dir': reference })
    expect(code).toBe(0)
  }, TIMEOUT_MS)
  afterAll(() => {
    endChildren()
    rmSync(folder, { recursive: true, force: true })
  })

  test('leaves a checkpoint next to which everything but the weights is the base, byte for byte', () => {
    expect(readdirSync(reference).sort()).toEqual([...readdirSync(base), 'metrics.json'].sort())
    for (const name of readdirSync(base)) {
      const isSame = readFileSync(join(reference, name)).equals(readFileSync(join(base, name)))
      expect([name, isSame]).toEqual([name, name !== 'model.safetensors'])
    }
    expect(existsSync(`${reference}.work`)).toBe(false)
  })

  test('measures what it did', () => {
    const text = datasetText(50)
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, { content: string }[]>)
    // Five tokens of the template, without the line break behind the end.
    const tokens = rows.map(({ prompt, completion }) => 5 + `${prompt?.[0]?.content}${completion?.[0]?.content}`.length)
    const metrics = readMetrics({ output: reference, datasetSha256: sha256(text) })
    expect(metrics).toMatchObject({
      steps: 8,
      tokens: 2 * tokens.reduce((sum, count) => sum + count, 0),
      seed: 5,
      checkpoint: { sha256: weightsOf(reference) },
    })
    expect(JSON.parse(readFileSync(join(reference, 'metrics.json'), 'utf8'))).toMatchObject({
      dataset: { rows: 50, dropped: 0 },
      base: { sha256: weightsOf(base) },
      arguments: { batch_size: 16, micro_batch_size: 4 },
      versions: { trl: expect.any(String) },
    })
    expect(metrics?.loss.last).toBeLessThan(metrics?.loss.first ?? 0)
  })

  test('tells the tokens that it would train on, each ended by the end of text, and leaves nothing behind', async () => {
    const output = join(folder, 'told')
    const { code, events } = await recipe(folder, { 'output-dir': output, 'check-tokens': undefined })
    expect(code).toBe(0)
    const told = events.filter(({ event }) => event === 'tokens')
    expect(told).toHaveLength(50)
    expect(told.every(({ kept, completion }) => kept === true && completion?.at(-1) === 0)).toBe(true)
    expect(existsSync(output) || existsSync(`${output}.work`)).toBe(false)
  })

  test('trains a base model without a chat template on texts, each ended by the end of text', async () => {
    const own = mkdtempSync(join(tmpdir(), 'spendwise-recipe-'))
    onTestFinished(() => rmSync(own, { recursive: true, force: true }))
    cpSync(base, join(own, 'base'), { recursive: true })
    rmSync(join(own, 'base/chat_template.jinja'))
    const rows = [{ prompt: 'Q: 1+1?\nA:', completion: ' 2' }]
    writeFileSync(join(own, 'dataset.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const output = join(own, 'out')
    const told = await recipe(own, { 'output-dir': output, 'check-tokens': undefined })
    expect(told).toMatchObject({ code: 0, events: [{ event: 'tokens', kept: true }] })
    const [{ prompt, completion } = {}] = told.events
    // A byte is a token, and 0 is the end of text.
    expect([prompt?.length, completion?.length, completion?.at(-1)]).toEqual([10, 3, 0])
    expect(await recipe(own, { 'output-dir': output, epochs: '1' })).toMatchObject({ code: 0 })
    expect(JSON.parse(readFileSync(join(output, 'metrics.json'), 'utf8'))).toMatchObject({ steps: 1, tokens: 13 })
  })

  test('refuses chats for a base model that has no chat template', async () => {
    const own = mkdtempSync(join(tmpdir(), 'spendwise-recipe-'))
    onTestFinished(() => rmSync(own, { recursive: true, force: true }))
    cpSync(base, join(own, 'base'), { recursive: true })
    rmSync(join(own, 'base/chat_template.jinja'))
    writeFileSync(join(own, 'dataset.jsonl'), datasetText(2))
    const { code, events } = await recipe(own, { 'output-dir': join(own, 'out') })
    expect(code).toBe(2)
    expect(events).toEqual([{ event: 'error', message: expect.stringContaining('has no chat template') }])
  })

  test('says it is done when it is asked again, and refuses an output of another dataset', async () => {
    expect(await recipe(folder, { 'output-dir': reference })).toMatchObject({ code: 0, events: [{ already: true }] })
    const other = join(folder, 'other.jsonl')
    writeFileSync(other, datasetText(3))
    expect(await recipe(folder, { 'output-dir': reference, dataset: other })).toMatchObject({ code: 2 })
  })

  test('gives the same weights for the same seed as a job of spendwise, and other weights for another seed', async () => {
    const job = { ...trainingJob(), base, dataset: join(folder, 'dataset.jsonl'), seed: 5 }
    const optimization = { ...job.optimization, epochs: 2, batch: 16, lrStart: 1e-3, lrEnd: 0 }
    const ours = { ...job, datasetSha256: sha256(datasetText(50)), optimization }
    const { trainer, handle } = await submitted(ours, presetCommand())
    expect(await ended(trainer, handle, ours)).toEqual({ state: 'succeeded', exitCode: 0, reason: '' })
    expect(readMetrics(ours)?.checkpoint.sha256).toBe(weightsOf(reference))
    const output = join(folder, 'other-seed')
    expect(await recipe(folder, { 'output-dir': output, seed: '6' })).toMatchObject({ code: 0 })
    expect(weightsOf(output)).not.toBe(weightsOf(reference))
  })

  test('stopped by TERM early and late it saves, refuses to continue as another job, and ends with the weights of an undisturbed one', async () => {
    const longer = { epochs: '40', 'save-steps': '0', 'output-dir': join(folder, 'undisturbed') }
    expect(await recipe(folder, longer)).toMatchObject({ code: 0 })
    const output = join(folder, 'stopped')
    const early = await recipe(folder, { ...longer, 'output-dir': output }, (event, child) => {
      if (event.event === 'progress') child.kill('SIGTERM')
    })
    const { step = 0 } = early.events.at(-1) ?? {}
    expect(early).toMatchObject({ code: 75 })
    expect(early.events.at(-1)).toMatchObject({ event: 'preempted', step: expect.any(Number) })
    expect(step).toBeGreaterThan(0)
    expect(existsSync(output)).toBe(false)

    const changed = await recipe(folder, { ...longer, 'output-dir': output, lr: '2e-3' })
    expect(changed).toMatchObject({ code: 2, events: [{ message: expect.stringContaining('(lr changed)') }] })

    // Of 160 steps; how often it saves is not part of the job.
    const late = await recipe(
      folder,
      { ...longer, 'output-dir': output, 'save-steps': '125' },
      () => {},
      terminatedAt(157),
    )
    expect(late).toMatchObject({ code: 75 })
    expect(late.events[0]).toMatchObject({ event: 'start', step })
    expect(late.events.at(-1)).toMatchObject({ event: 'preempted', step: 157 })

    const resumed = await recipe(folder, { ...longer, 'output-dir': output })
    expect(resumed).toMatchObject({ code: 0 })
    expect(resumed.events[0]).toMatchObject({ event: 'start', step: 157 })
    expect(weightsOf(output)).toBe(weightsOf(longer['output-dir']))
  })

  test('under torchrun, which ends with 1 whatever its workers ended with, it leaves its own exit code behind', async () => {
    const exitFile = join(folder, 'exit-code')
    writeFileSync(exitFile, '75\n')
    const torchrun = [join(dirname(PYTHON ?? ''), 'torchrun'), '--standalone', '--nproc-per-node', '1']
    // torchrun reads along, and takes what begins two of its own options for a mistake.
    const more = [RECIPE_FLAGS.master, 'none', RECIPE_FLAGS.shard, 'none', RECIPE_FLAGS.templateKwargs, '']
    const [program = '', ...args] = [...torchrun, RECIPE, '--base-model', base, '--dataset', '/nowhere.jsonl', ...more]
    const env = { ...ENV, SPENDWISE_EXIT_FILE: exitFile }
    const { status } = spawnSync(program, [...args, '--output-dir', join(folder, 'launched')], { env, stdio: 'ignore' })
    expect({ status, said: readFileSync(exitFile, 'utf8') }).toEqual({ status: 1, said: '2\n' })
  })

  test('makes a whole model of a merged adapter, the same one when its minutes were over after every step', async () => {
    const lora = { method: 'lora', 'lora-r': '4', epochs: '0', 'max-steps': '2', merge: undefined }
    const merged = join(folder, 'merged')
    expect(await recipe(folder, { ...lora, 'output-dir': merged })).toMatchObject({ code: 0 })
    expect(readdirSync(merged).sort()).toEqual(readdirSync(reference).sort())
    expect(weightsOf(merged)).not.toBe(weightsOf(base))
    expect(python(['-c', LOAD_AND_GENERATE, merged])).toBe('0 0 True')

    const output = join(folder, 'merged-in-steps')
    const hurried = { ...lora, 'output-dir': output, 'max-minutes': '0.0001' }
    expect(await recipe(folder, hurried)).toMatchObject({ code: 75 })
    expect(await recipe(folder, hurried)).toMatchObject({ code: 0 })
    expect(weightsOf(output)).toBe(weightsOf(merged))
  })

  test('keeps the state of the optimizer next to the weights, and continues from it', async () => {
    const kept = { 'optimizer-state': 'keep', epochs: '0', 'max-steps': '2' }
    const [first, second, again] = [join(folder, 'kept-1'), join(folder, 'kept-2'), join(folder, 'again')]
    expect(await recipe(folder, { ...kept, 'output-dir': first })).toMatchObject({ code: 0 })
    expect(await recipe(folder, { ...kept, 'base-model': first, 'output-dir': second })).toMatchObject({ code: 0 })
    const reset = { ...kept, 'optimizer-state': 'reset', 'base-model': first, 'output-dir': again }
    expect(await recipe(folder, reset)).toMatchObject({ code: 0 })
    expect(existsSync(join(again, 'optimizer.pt'))).toBe(false)
    expect(weightsOf(second)).not.toBe(weightsOf(again))
    const age = 'import sys, torch; print(int(torch.load(sys.argv[1])["state"][0]["step"]))'
    expect(python(['-c', age, join(second, 'optimizer.pt')])).toBe('4')
  })

  test('a loss that is no longer a number is exit code 3, and no checkpoint', async () => {
    const output = join(folder, 'diverged')
    const diverged = await recipe(folder, { 'output-dir': output, lr: '1e30' })
    expect(diverged).toMatchObject({ code: 3 })
    expect(diverged.events.at(-1)).toMatchObject({ event: 'error', message: expect.stringContaining('lower --lr') })
    expect(existsSync(output)).toBe(false)
  })

  test.each([
    ['another hash', {}, { 'expect-dataset-sha256': 'ab'.repeat(32) }, 'not the expected abab'],
    ['a dataset without rows', { dataset: '\n' }, {}, 'has no rows'],
    ['a dataset that is not there', {}, { dataset: '/nowhere.jsonl' }, 'cannot be read'],
    ['a row of another shape', { dataset: `${datasetText(1)}{"messages":[]}\n` }, {}, 'dataset.jsonl:2  is not'],
    ['a base without a model', {}, { 'base-model': '/nowhere' }, 'has no config.json'],
    ['rows that are all too long', {}, { 'max-length': '13' }, '3 of 3 rows of'],
    ['a completion of two messages', { dataset: TWO_MESSAGES }, {}, 'dataset.jsonl:1  is not'],
    ['a tracker that it does not know', {}, { 'report-to': 'tensorboard,mail' }, '--report-to names mail'],
    ['template arguments that are not an object', {}, { 'template-kwargs': '[1]' }, 'must be a JSON object'],
    ['epochs and steps at once', {}, { 'max-steps': '5' }, 'exclude each other'],
    [
      'a template that ends no turn',
      {
        template:
          '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}',
      },
      {},
      'dataset.jsonl:1  no end-of-text token ends its completion',
    ],
  ])('refuses %s with exit code 2 and one sentence', async (_name, files, flags, sentence) => {
    const own = mkdtempSync(join(tmpdir(), 'spendwise-recipe-'))
    onTestFinished(() => rmSync(own, { recursive: true, force: true }))
    const { dataset, template } = { dataset: undefined, template: undefined, ...files }
    writeFileSync(join(own, 'dataset.jsonl'), dataset ?? datasetText(3))
    if (template !== undefined) python(['-c', WITH_TEMPLATE, base, join(own, 'base'), template])
    const given = template === undefined ? {} : { 'base-model': join(own, 'base') }
    const { code, events } = await recipe(own, {
      'base-model': base,
      'output-dir': join(own, 'out'),
      ...given,
      ...flags,
    })
    expect(code).toBe(2)
    expect(events).toEqual([{ event: 'error', message: expect.stringContaining(sentence) }])
    expect(existsSync(join(own, 'out'))).toBe(false)
  })
})

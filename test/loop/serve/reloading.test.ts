/** New weights in a running engine: which checkpoint a trainer's numbers are compared with, as the run knows its checkpoints. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Checkpoint } from '../../../src/core/checkpoint.ts'
import { createReload } from '../../../src/loop/serve/reload.ts'
import { createMemoryJournal } from '../../../src/serve/memory-journal.ts'
import { promptLogprobs } from '../../server/development.ts'
import { createTestServer } from '../../server/openai-server.ts'
import { temporaryFolder } from '../../store/hand-made-run.ts'
import { scriptedConfig } from '../scripted-run.ts'

const NEVER = new AbortController().signal
const TOKENS = [Array.from({ length: 150 }, (_, i) => i % 40), [7, 8, 9]]
const SKILLS = [0, 1, 1.5, 2.5]
const skillOf = (iteration: number): number => SKILLS[iteration + 1] ?? Number.NaN

const SHAPE = { hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 40, intermediate_size: 16 }
/** Its output layer is no copy of its embeddings. */
const UNTIED = { ...SHAPE, tie_word_embeddings: false }

/** An engine that somebody else has started on the base, and a run with checkpoints that its trainer has measured. */
async function stage(modelConfig: object | undefined = UNTIED) {
  const directory = temporaryFolder()
  const known: Checkpoint[] = []
  const add = (iteration: number): Checkpoint => {
    const folder = join(directory, `weights-${iteration}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'skill.json'), JSON.stringify({ skill: skillOf(iteration) }))
    if (modelConfig) writeFileSync(join(folder, 'config.json'), JSON.stringify(modelConfig))
    const of = (skill: number) => TOKENS.map((tokens) => promptLogprobs(tokens, skill).map((value) => value + 0.001))
    const canary = { tokens: TOKENS, logprobs: of(skillOf(iteration)), before: of(skillOf(iteration - 1)) }
    // The base's own hash is not what its trainer calls it.
    const base = { sha256: iteration === 0 ? 'as-the-trainer-has-it' : `${iteration - 1}` }
    if (iteration >= 0) writeFileSync(join(folder, 'metrics.json'), JSON.stringify({ canary, base }))
    const hash = iteration < 0 ? 'name:base' : `sha256:${iteration}`
    const row: Checkpoint = { iteration, attempt: 0, kind: 'full', path: folder, hash }
    known.push(row)
    return row
  }
  const base = add(-1)
  const server = await createTestServer({ checkpoint: base.path, modelNames: ['base'] })
  onTestFinished(() => server.close())
  const config = scriptedConfig({ yaml: 'serve: reload' })
  const [first] = config.sample.endpoints
  Object.assign(config.sample, { endpoints: [{ ...first, baseURL: server.baseURL }] })
  const notes: string[] = []
  const tools = createReload(
    {
      config,
      directory,
      configDirectory: directory,
      journal: createMemoryJournal(),
      locate: ({ path }) => path,
      checkpoints: () => known,
      onNote: (text) => notes.push(text),
    },
    config.serve as Parameters<typeof createReload>[1],
  )
  const serve = (checkpoint: Checkpoint) => tools.server.serve(checkpoint, NEVER)
  return { add, base, serve, notes, calls: server.development.calls }
}

test('each checkpoint is loaded once and proven by what its trainer measured', async () => {
  const { add, base, serve, notes, calls } = await stage()
  expect(await serve(base)).toMatchObject({ proven: true })
  const loaded: number[] = []
  for (const iteration of [0, 1]) {
    const before = calls.length
    expect(await serve(add(iteration))).toMatchObject({ model: 'base', proven: true })
    loaded.push(calls.length - before)
  }
  // The second starts from the first, which is what the engine holds: nothing else is loaded before it.
  expect(loaded[1]).toBe(loaded[0])
  expect(notes).toEqual([])
})

test('one that was trained from an earlier checkpoint is compared with that', async () => {
  const { add, base, serve, calls } = await stage()
  await serve(base)
  const [first, second] = [add(0), add(1)]
  await serve(first)
  const before = calls.length
  await serve(second)
  const usual = calls.length - before
  await serve(base)
  const back = calls.length
  expect(await serve(second)).toMatchObject({ proven: true })
  // What it was trained from is loaded first, as the engine holds something else.
  expect(calls.length - back).toBeGreaterThan(usual)
})

test.each([
  ['says so', { ...SHAPE, tie_word_embeddings: true }],
  ['does not say', SHAPE],
  ['tells nothing of its shape', {}],
])(
  'a model whose output layer may be its embeddings’ is not proven by numbers that are rounded: its config.json %s',
  async (_, modelConfig) => {
    const { add, base, serve, notes } = await stage(modelConfig)
    await serve(base)
    await serve(add(0))
    expect(await serve(add(1))).toMatchObject({ proven: false })
    expect(notes).toEqual([expect.stringMatching(/^The engines answer as the new weights would, but for rounding/)])
  },
)

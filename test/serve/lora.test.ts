/** The hand-over by hot-loaded adapters, against servers that speak vLLM's admin routes. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Checkpoint } from '../../src/core/checkpoint.ts'
import { ServerError } from '../../src/core/errors.ts'
import type { HandOverJournal, InferenceServer } from '../../src/core/server.ts'
import { differInAnswers } from '../../src/sample/server/canary.ts'
import { listModels, probeOneToken } from '../../src/sample/server/questions.ts'
import { createLoraServer } from '../../src/serve/lora.ts'
import { createMemoryJournal } from '../../src/serve/memory-journal.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'

const NEVER = new AbortController().signal
const BASE_SKILL = 0

interface Setting {
  readonly folder: string
  readonly engines: readonly TestServer[]
  readonly journal: HandOverJournal
}

async function newSetting(count = 1): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-lora-'))
  const engines = await Promise.all(
    Array.from({ length: count }, () => createTestServer({ modelNames: ['base'], skill: BASE_SKILL })),
  )
  onTestFinished(async () => {
    await Promise.all(engines.map((engine) => engine.close()))
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, engines, journal: createMemoryJournal() }
}

const endpointOf = ({ baseURL }: { baseURL: string }) => ({ baseURL, apiKey: undefined, apiKeyEnv: undefined })

function createServing({ engines, journal }: Setting): InferenceServer {
  return createLoraServer({
    engines: engines.map(({ baseURL }) => ({ baseURL, authorization: 'Bearer none' })),
    baseURL: engines[0]?.baseURL ?? '',
    model: 'base',
    runName: 'run',
    locate: ({ path }) => path,
    loadSeconds: 20,
    journal,
    list: (engine, signal) => listModels(endpointOf(engine), signal),
    probe: async (engine, model, signal) => void (await probeOneToken(endpointOf(engine), model, signal)),
    differs: (engine, one, other, signal) => differInAnswers(endpointOf(engine), 'chat', one, other, signal),
  })
}

function adapter({ folder }: Setting, iteration: number, skill = iteration + 1): Checkpoint {
  const path = join(folder, `adapter-${iteration}-${skill}`)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'skill.json'), JSON.stringify({ skill }))
  return { iteration, attempt: 0, kind: 'lora', path, hash: `sha256:${iteration}${skill}aaaaaaaaaa` }
}

async function namesOf(engine: TestServer): Promise<string[]> {
  return (await listModels(endpointOf(engine))).map(({ id }) => id)
}

test('the base is asked for by the name that it has', async () => {
  const setting = await newSetting()
  const base = { iteration: -1, attempt: 0, kind: 'name', path: 'base', hash: 'name:base' } as const
  expect(await createServing(setting).serve(base, NEVER)).toMatchObject({ model: 'base', proven: true })
})

test('a base that the engines say they were started on is proven', async () => {
  const setting = await newSetting(2)
  const at = (path: string) => ({ iteration: -1, attempt: 0, kind: 'full', path, hash: 'name:base' }) as const
  // The test server tells its name where it has no checkpoint.
  expect(await createServing(setting).serve(at('base/'), NEVER)).toMatchObject({ proven: true })
  expect(await createServing(setting).serve(at('/models/other'), NEVER)).toMatchObject({ proven: false })
})

test('each adapter is loaded into every engine under a name of its own, and the one before is unloaded', async () => {
  const setting = await newSetting(2)
  const server = createServing(setting)
  const first = await server.serve(adapter(setting, 0), NEVER)
  expect(first).toMatchObject({ model: 'run-iteration000-01aaaaaa', proven: true })
  const second = await server.serve(adapter(setting, 1), NEVER)
  for (const engine of setting.engines) expect(await namesOf(engine)).toEqual(['base', second.model])
  expect(setting.journal.last()).toMatchObject({ name: second.model, step: 'unloaded' })
})

test('the same adapter again changes nothing; an engine that has lost it gets it back', async () => {
  const setting = await newSetting(2)
  const server = createServing(setting)
  const { model } = await server.serve(adapter(setting, 0), NEVER)
  const [, second] = setting.engines
  await fetch(`${second?.baseURL}/unload_lora_adapter`, { method: 'POST', body: JSON.stringify({ lora_name: model }) })
  expect(await server.serve(adapter(setting, 0), NEVER)).toMatchObject({ model, proven: true })
  for (const engine of setting.engines) expect(await namesOf(engine)).toEqual(['base', model])
})

test('an adapter without effect is refused and taken back, and the one before stays', async () => {
  const setting = await newSetting()
  const server = createServing(setting)
  const { model } = await server.serve(adapter(setting, 0), NEVER)
  await expect(server.serve(adapter(setting, 1, BASE_SKILL), NEVER)).rejects.toThrow(
    /answers as run-iteration001-\w+ exactly as its base base does, so the adapter .* is without effect/,
  )
  for (const engine of setting.engines) expect(await namesOf(engine)).toEqual(['base', model])
})

test('adapters of other runs are left alone', async () => {
  const setting = await newSetting()
  const { path } = adapter(setting, 7)
  const body = JSON.stringify({ lora_name: 'other-iteration000', lora_path: path })
  await fetch(`${setting.engines[0]?.baseURL}/load_lora_adapter`, { method: 'POST', body })
  const { model } = await createServing(setting).serve(adapter(setting, 0), NEVER)
  expect(await namesOf(setting.engines[0] as TestServer)).toEqual(['base', 'other-iteration000', model])
})

test('other weights of the same iteration get another name, so that no cached prefix can answer for them', async () => {
  const setting = await newSetting()
  const server = createServing(setting)
  const first = await server.serve(adapter(setting, 0, 1), NEVER)
  const second = await server.serve(adapter(setting, 0, 3), NEVER)
  expect(second.model).not.toBe(first.model)
  expect(await namesOf(setting.engines[0] as TestServer)).toEqual(['base', second.model])
})

test.each([
  ['a whole model', (setting: Setting) => ({ ...adapter(setting, 0), kind: 'full' }) as const, 'loads adapters'],
  [
    'an adapter that the engine cannot read',
    (setting: Setting) => ({ ...adapter(setting, 0), path: '/nowhere' }),
    'does not load the adapter /nowhere (404',
  ],
])('%s is refused in one sentence', async (_, make, sentence) => {
  const setting = await newSetting()
  const error: unknown = await createServing(setting)
    .serve(make(setting), NEVER)
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ServerError)
  expect(error).toMatchObject({ message: expect.stringContaining(sentence) })
})

test('an engine that is not there is named', async () => {
  const setting = await newSetting(2)
  const server = createServing(setting)
  await setting.engines[1]?.close()
  await expect(server.serve(adapter(setting, 0), NEVER)).rejects.toThrow(setting.engines[1]?.baseURL)
})

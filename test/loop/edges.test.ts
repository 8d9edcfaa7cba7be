/** What a run holds on to at its edges: keys that no job gets, a base that stays the base, a state that says it is running. */

import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { createWorkplace, makeProblems, toRows, type Workplace, writeBase } from './workplace.ts'

const KEY = 'sk-of-the-endpoint'

/** Writes its environment where it is told to, waits for a file where it is told to, and leaves no checkpoint. */
const TRAINER = `
import { existsSync, writeFileSync } from 'node:fs'
const [environment, go] = process.argv.slice(5)
writeFileSync(environment, JSON.stringify(process.env))
while (go && !existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 20))
process.exit(3)
`

let place: Workplace
let server: TestServer

beforeAll(async () => {
  const problems = makeProblems(40)
  server = await createTestServer({ problems, modelNames: ['base'], skill: 2, apiKey: KEY })
  place = createWorkplace()
  place.write('train.jsonl', toRows(problems))
  place.write('trainer.mjs', TRAINER)
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function write(name: string, trainer: readonly string[], more = ''): void {
  place.write(
    `${name}.yaml`,
    `name: ${name}
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base, apiKeyEnv: TEST_KEY }] }
budget: { policy: { kind: constant, initial: 10 }, iterations: 1 }
train: { kind: command, command: ${JSON.stringify([process.execPath, 'trainer.mjs', '{output}', '{dataset}', '{sha256}', ...trainer])}${more} }
serve: external
`,
  )
}

const run = (name: string) =>
  place.run(['run', `${name}.yaml`, '--quiet'], { env: { TEST_KEY: KEY, BYSTANDER: 'yes' } })
const environmentIn = (name: string): Record<string, string> => JSON.parse(readFileSync(place.at(name), 'utf8'))

test('a training job inherits the environment without the keys that run.yaml names', async () => {
  writeBase(place, 2)
  write('keyless', ['keyless.json'])
  expect(await run('keyless')).toMatchObject({ code: 1 })
  expect(environmentIn('keyless.json')).toMatchObject({ BYSTANDER: 'yes' })
  expect(environmentIn('keyless.json')).not.toHaveProperty('TEST_KEY')
})

test('train.env gives one back by its name', async () => {
  writeBase(place, 2)
  write('keyed', ['keyed.json'], ', env: { TEST_KEY: null }')
  expect(await run('keyed')).toMatchObject({ code: 1 })
  expect(environmentIn('keyed.json')).toMatchObject({ TEST_KEY: KEY })
})

test('a run whose base weights are others by now does not resume', async () => {
  cpSync(new URL('../../assets/embedded/base', import.meta.url), place.at('mine'), { recursive: true })
  place.write(
    'rebased.yaml',
    `name: rebased
base: mine
problems: { train: [{ dataset: steps, count: 50 }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
train: none
`,
  )
  expect(await run('rebased')).toMatchObject({ code: 0 })
  const weights = readFileSync(place.at('mine', 'weights.bin'))
  writeFileSync(place.at('mine', 'weights.bin'), weights.with(100, (weights[100] ?? 0) ^ 1))
  const { code, stderr } = await run('rebased')
  expect(code).toBe(2)
  expect(stderr).toMatch(/^The base weights at \S+ are not those this run began with .*\n$/)
  writeFileSync(place.at('mine', 'weights.bin'), weights)
  expect(await run('rebased')).toMatchObject({ code: 0 })
})

test('a run that is at work is stored as running', async () => {
  writeBase(place, 2)
  write('working', ['working.json', place.at('go')])
  let over = false
  const ended = run('working').finally(() => (over = true))
  while (!over && !existsSync(place.at('working.json'))) await sleep(20)
  expect(place.status('working').state).toBe('running')
  place.write('go', '')
  expect(await ended).toMatchObject({ code: 1 })
  expect(place.status('working').state).toBe('failed')
})

/** A run next to another one: what the same weights have drawn is not drawn again, costs nothing, and gives the same run. */

import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunStatus } from '../../../src/core/status.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { readRun } from '../database.ts'
import { createWorkplace, makeProblems, toRows, type Workplace } from '../workplace.ts'

let place: Workplace
let server: TestServer

beforeAll(async () => {
  place = createWorkplace()
  const problems = makeProblems(80)
  place.write('train.jsonl', toRows(problems))
  server = await createTestServer({ problems, modelNames: ['base'], skill: 0, seed: 5 })
  place.write(
    'run.yaml',
    `name: small
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], maxTokens: 100, concurrency: 8 }
budget: { iterations: 1, policy: { kind: constant, initial: 60 } }
`,
  )
})
afterAll(async () => {
  await server.close()
  place.remove()
})

async function run(
  name: string,
  ...flags: readonly string[]
): Promise<{ status: RunStatus; asked: number; talk: string }> {
  const before = server.stats.answered
  const args = ['run', 'run.yaml', '--dir', name, '--set', `name=${name}`, ...flags]
  const ended = await place.run(args, { env: { SPENDWISE_NO_CACHE: '' } })
  expect(ended.code).toBe(0)
  const status = place.status(name)
  return { status, asked: server.stats.answered - before, talk: ended.stderr }
}

/** Completions that the server was asked for. */
const drawnBy = (name: string): number =>
  readRun(place.at(name)).count("select count(*) from attempt where outcome = 'ok'")

const ACCEPTED = `select p.id, c.idx, c.text from completion c join disposition d on d.completion = c.id
  join problem p on p.number = c.problem where d.disposition = 'accepted' order by c.issue`

test('a run under another name samples nothing again, unless other rules want more', async () => {
  const first = await run('first')
  expect(first.status.totals.cached).toBe(0)
  expect(existsSync(place.at('.spendwise/cache.sqlite'))).toBe(true)

  // The same with another checker's rules: nothing that the first run has drawn is asked for.
  const again = await run('again', '--set', 'verify.rounding=none', '--set', 'sample.concurrency=1')
  const drawnAnew = readRun(place.at('again')).rows(
    'select c.issue, c.finish_reason, v.kind from completion c left join verdict v on v.completion = c.id where not cached',
  )
  expect(drawnAnew).toEqual([])
  expect(again.status.totals.cached).toBe(again.status.totals.sampled)
  expect(drawnBy('again')).toBe(0)
  // Nothing but the few questions by which a run knows its server and what that can do.
  expect(again.asked).toBeLessThan(30)
  expect(again.talk).toContain('comes from the cache')
  expect(again.status.iterations[0]?.accepted).toBe(60)
  expect(readRun(place.at('again')).rows(ACCEPTED)).toEqual(readRun(place.at('first')).rows(ACCEPTED))
  // c_g for nothing, c_t for what is trained on.
  expect(again.status.totals).toMatchObject({ tokens: 0, cost: 2 * 60 })
  const { rows } = readRun(place.at('again'))
  expect(rows('select sum(cached) as cached, count(*) as all_of_them from completion')).toEqual([
    { cached: again.status.totals.sampled, all_of_them: again.status.totals.sampled },
  ])

  const stricter = await run('stricter', '--set', 'accept.maxPerProblem=1', '--set', 'budget.policy.initial=50')
  expect(stricter.status.totals.cached).toBeGreaterThan(50)
  expect(drawnBy('stricter')).toBe(stricter.status.totals.sampled - stricter.status.totals.cached)
})

test('--no-cache draws again, and other seeds, temperatures and prompts never meet the same completion', async () => {
  await run('filled')
  for (const flags of [['--no-cache'], ['--set', 'seed=2'], ['--set', 'sample.temperature=0.9']]) {
    const name = `other${flags.join('')}`.replace(/\W+/g, '')
    const { status, asked } = await run(name, ...flags)
    expect(status.totals.cached).toBe(0)
    expect(drawnBy(name)).toBe(status.totals.sampled)
    expect(asked).toBeGreaterThanOrEqual(status.totals.sampled)
  }
})

test('other weights under the same name at the same address are not met in the cache', async () => {
  const problems = makeProblems(80)
  const { port } = server
  await run('before')
  await server.close()
  server = await createTestServer({ port, problems, modelNames: ['base'], skill: 1, seed: 5 })
  const { status } = await run('after')
  expect(status.totals.cached).toBe(0)
})

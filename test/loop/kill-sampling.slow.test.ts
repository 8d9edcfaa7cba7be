/** Sampling at full speed, killed a hundred times: what had come back is there, what was in flight is asked again, and n_t is exact. */

import { expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { createTestServer } from '../server/openai-server.ts'
import { readRun } from './database.ts'
import { runUnderKills } from './killing.ts'
import { createWorkplace, makeProblems, toRows } from './workplace.ts'

const KILLS = Number(process.env.SPENDWISE_KILLS ?? 100)
/** A process lives for about two seconds before it is killed, and samples for most of the second one. */
const LIFE_MS = 2500
const IN_FLIGHT = 64

test(`kill -9 while sampling, ${KILLS} times`, async ({ onTestFinished }) => {
  const place = createWorkplace()
  onTestFinished(place.remove)
  const problems = makeProblems(500)
  const server = await createTestServer({ problems, modelNames: ['base'], serviceRate: 200, latencyMs: 20 })
  onTestFinished(() => server.close())
  place.write('problems.jsonl', toRows(problems))
  const target = 100 * KILLS
  place.write(
    'run.yaml',
    `name: small
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], concurrency: ${IN_FLIGHT}, maxTokens: 100 }
budget: { policy: { kind: constant, initial: ${target} }, iterations: 1 }
`,
  )
  const killed = await runUnderKills(place.folder, { kills: KILLS, lifeMs: LIFE_MS, random: createRandom(1) })
  expect(killed).toMatchObject({ code: 0, stderr: '' })
  console.log(
    `${killed.kills.length} kills, ${killed.kills.filter((phase) => phase === 'sampling').length} while sampling`,
  )
  const { count } = readRun(place.at('runs', 'small'))
  expect(count("select count(*) from disposition where disposition = 'accepted'")).toBe(target)
  const stored = count('select count(*) from completion')
  expect(count('select count(*) from (select distinct purpose, iteration, problem, idx from completion)')).toBe(stored)
  expect(count("select count(*) from completion where finish_reason = 'failed'")).toBe(0)
  // Lost is what was in flight, and what waited for its batch to be stored: nothing that has been written.
  const lost = server.stats.answered - stored - count('select sum(requests) from endpoint')
  console.log(`${stored} stored, ${lost} answers lost`)
  expect(lost).toBeLessThanOrEqual((KILLS + 1) * (2 * IN_FLIGHT + 16))
})

/** Inner allocation in a real run: n_t exactly, quotas by source, and the same problems asked in the same order after every kill. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../../src/core/seed.ts'
import type { RunStatus } from '../../../src/core/status.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { readRun } from '../database.ts'
import { faultsOf, NO_FAULTS, outcomeOf, runUnderKills } from '../killing.ts'
import { createWorkplace, makeProblems, toRows, type Workplace } from '../workplace.ts'

let place: Workplace
let server: TestServer

beforeAll(async () => {
  place = createWorkplace()
  const problems = makeProblems(90)
  place.write('easy.jsonl', toRows(problems.slice(0, 60), 'easy'))
  place.write('hard.jsonl', toRows(problems.slice(60), 'hard'))
  server = await createTestServer({ problems, modelNames: ['base'], skill: 0.3, seed: 5 })
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function write(folder: string, budget: string, accept = '{}'): void {
  place.write(
    `${folder}/run.yaml`,
    `name: small
problems:
  train:
    - { dataset: jsonl, path: ../easy.jsonl, name: easy, weight: 7 }
    - { dataset: jsonl, path: ../hard.jsonl, name: hard, weight: 3 }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], maxTokens: 100, temperature: 1 }
accept: ${accept}
budget: { iterations: 1, policy: { kind: constant, initial: 200 }, ${budget} }
`,
  )
}

async function run(folder: string, ...flags: readonly string[]): Promise<RunStatus> {
  const directory = `${folder}/runs/small`
  const args = ['run', `${folder}/run.yaml`, '--dir', directory, '--quiet', ...flags]
  expect(await place.run(args)).toMatchObject({ code: 0 })
  return place.status(directory)
}

const ORDER = `select c.issue, p.id as problem, c.idx from completion c join problem p on p.number = c.problem
  where c.purpose = 'train' and c.issue <= (select max(issue) from completion c join disposition d on d.completion = c.id
    where d.disposition = 'accepted') order by c.issue`

test('waves are the same one request at a time, sixteen at a time, and after kills at any moment', async () => {
  const budget = 'allocation: { kind: until-k, correct: 3, trials: 12 }, wave: 24, ratioOf: accepted'
  for (const folder of ['wide', 'narrow', 'killed']) write(folder, budget)
  const startedAt = performance.now()
  const wide = await run('wide', '--set', 'sample.concurrency=16')
  const lifeMs = performance.now() - startedAt
  expect(wide.iterations[0]).toMatchObject({ target: 200, accepted: 200 })
  await run('narrow', '--set', 'sample.concurrency=1')
  const killed = await runUnderKills(place.at('killed'), { kills: 4, lifeMs, random: createRandom(3) })
  expect(killed).toMatchObject({ code: 0, stderr: '' })
  const orderIn = (folder: string) => readRun(place.at(folder, 'runs/small')).rows(ORDER)
  expect(orderIn('narrow')).toEqual(orderIn('wide'))
  expect(orderIn('killed')).toEqual(orderIn('wide'))
  for (const folder of ['wide', 'narrow', 'killed']) expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
  expect(outcomeOf(place.at('killed'))).toEqual(outcomeOf(place.at('wide')))
  expect(readRun(place.at('killed', 'runs/small')).count('select count(*) from wave')).toBeGreaterThan(5)

  // Both readings of a ratio: here the accepted traces are 7 to 3 to the last one.
  const accepted = (source: string): number =>
    readRun(place.at('wide', 'runs/small')).count(
      `select count(*) from disposition d join completion c on c.id = d.completion join problem p on p.number = c.problem
        where d.disposition = 'accepted' and p.source = '${source}'`,
    )
  expect([accepted('easy'), accepted('hard')]).toEqual([140, 60])
})

test('problems with their cap are not asked again, and a pool that has no more to give is said to be exhausted', async () => {
  write('capped', 'allocation: { kind: until-k, correct: 1 }, wave: 30', '{ verdict: any, maxPerProblem: 2 }')
  const ended = await place.run(['run', 'capped/run.yaml', '--dir', 'capped/runs/small', '--quiet'])
  expect(ended).toMatchObject({
    code: 1,
    stderr:
      'Iteration 0 cannot reach 200: each of its 90 problems has accept.maxPerProblem accepted traces. Add problems, or ask for less in a new run.\n',
  })
  const { count } = readRun(place.at('capped', 'runs/small'))
  expect(count("select count(*) from completion where purpose = 'train' and finish_reason = 'stop'")).toBe(180)
})

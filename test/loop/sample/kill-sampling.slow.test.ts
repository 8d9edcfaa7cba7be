/** Sampling at full speed, killed a hundred times: what had come back is there, what was in flight is asked again, and n_t is exact. */

import { expect, test } from 'vitest'
import { createRandom, randomInteger } from '../../../src/core/seed.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { type Ended, startCommand } from '../command.ts'
import { readRun } from '../database.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from '../killing.ts'
import { createWorkplace, makeProblems, toRows } from '../workplace.ts'

const KILLS = Number(process.env.SPENDWISE_KILLS ?? 100)
const IN_FLIGHT = 256
/** A process is killed after so many answers, at least and at most; far from the end of the iteration. */
const SHORTEST_LIFE = 30
const LONGEST_LIFE = 450
const TARGET = 200 * KILLS
const RUN = ['run', 'run.yaml', '--quiet']

test(`kill -9 while sampling at full speed, ${KILLS} times`, async ({ onTestFinished }) => {
  const problems = makeProblems(500)
  const server = await createTestServer({ problems, modelNames: ['base'], latencyMs: 30, latencySigma: 0.5 })
  onTestFinished(() => server.close())
  const text = `name: small
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], concurrency: ${IN_FLIGHT}, maxTokens: 100 }
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 1 }
`
  const open = () => {
    const place = createWorkplace()
    onTestFinished(place.remove)
    place.write('problems.jsonl', toRows(problems))
    place.write('run.yaml', text)
    return place
  }
  const undisturbed = open()
  expect(await undisturbed.run(RUN)).toMatchObject({ code: 0 })

  const place = open()
  const { count } = readRun(place.at('runs', 'small'))
  const random = createRandom(1)
  const before = server.stats.answered
  const lost: number[] = []
  const inFlight: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const answers = SHORTEST_LIFE + randomInteger(random, LONGEST_LIFE - SHORTEST_LIFE)
    const { signal, outThen } = await killAfter(server, answers, place.folder)
    expect(signal).toBe('SIGKILL')
    expect(outThen).toBeGreaterThan(0)
    expect(count("select count(*) from iteration where state = 'sampling'")).toBe(1)
    expect(count('select count(*) from disposition')).toBe(0)
    inFlight.push(outThen)
    const answered = server.stats.answered - before - count('select sum(requests) from endpoint')
    lost.push(answered - count('select count(*) from completion') - lost.reduce((sum, n) => sum + n, 0))
  }
  expect(await place.run(RUN)).toMatchObject({ code: 0 })
  const stored = count('select count(*) from completion')
  console.log(
    `${KILLS} kills, in flight at each ${meanOf(inFlight)} (least ${Math.min(...inFlight)}); ${stored} stored, answers lost at each ${meanOf(lost)} (most ${Math.max(...lost)})`,
  )
  // Lost is what was in flight, and what had come back within the milliseconds of one batch.
  expect(Math.max(...lost)).toBeLessThanOrEqual(2 * IN_FLIGHT)
  expect(faultsOf(place.folder)).toEqual(NO_FAULTS)
  expect(count("select count(*) from disposition where disposition = 'accepted'")).toBe(TARGET)
  const surplus = count("select count(*) from disposition where disposition = 'surplus'")
  const firstSurplus = count(
    "select min(issue) from completion c join disposition d on d.completion = c.id where d.disposition = 'surplus'",
  )
  const lastAccepted = count(
    "select max(issue) from completion c join disposition d on d.completion = c.id where d.disposition = 'accepted'",
  )
  expect(surplus).toBeGreaterThan(0)
  expect(firstSurplus).toBeGreaterThan(lastAccepted)
  expect(outcomeOf(place.folder)).toEqual(outcomeOf(undisturbed.folder))
})

/** Starts the run and kills it when the server has answered so many of its requests. */
async function killAfter(
  { stats }: TestServer,
  answers: number,
  cwd: string,
): Promise<Ended & { readonly outThen: number }> {
  const until = stats.answered + answers
  let outThen = 0
  const { child, ended } = startCommand(RUN, { cwd })
  const timer = setInterval(() => {
    if (stats.answered < until) return
    clearInterval(timer)
    outThen = stats.inFlight
    child.kill('SIGKILL')
  }, 2)
  const end = await ended.finally(() => clearInterval(timer))
  // What was out is given up before the next process begins to ask.
  while (stats.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  return { ...end, outThen }
}

function meanOf(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)
}

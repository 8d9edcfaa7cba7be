/** All endpoints down for a minute of the clock while a run samples: it waits, nothing is lost, nothing comes twice. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { createTestServer } from '../server/openai-server.ts'
import { startCommand } from './command.ts'
import { readRun } from './database.ts'
import { faultsOf, NO_FAULTS } from './killing.ts'
import { createWorkplace, freePort, makeProblems, toRows } from './workplace.ts'

const OUTAGE_MS = 60_000
const TARGET = 600

test('a minute without any endpoint', async ({ onTestFinished }) => {
  const place = createWorkplace()
  onTestFinished(place.remove)
  const problems = makeProblems(200)
  place.write('problems.jsonl', toRows(problems))
  const ports = [await freePort(), await freePort()]
  const start = () =>
    Promise.all(ports.map((port) => createTestServer({ port, problems, modelNames: ['base'], latencyMs: 100 })))
  const first = await start()
  place.write(
    'run.yaml',
    `name: small
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample:
  endpoints: [${ports.map((port) => `{ baseURL: "http://127.0.0.1:${port}/v1", model: base }`).join(', ')}]
  concurrency: 32
  unreachableSeconds: 180
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 1 }
`,
  )
  const { ended } = startCommand(['run', 'run.yaml', '--quiet'], { cwd: place.folder })
  await vi.waitFor(() => expect(first.every(({ stats }) => stats.answered > 50)).toBe(true), { timeout: 60_000 })
  await Promise.all(first.map((server) => server.close()))
  await sleep(OUTAGE_MS)
  const second = await start()
  onTestFinished(async () => void (await Promise.all(second.map((server) => server.close()))))
  const { code, signal } = await ended
  expect({ code, signal }).toEqual({ code: 0, signal: null })
  expect(faultsOf(place.folder)).toEqual(NO_FAULTS)
  const { count } = readRun(place.at('runs', 'small'))
  expect(count("select count(*) from disposition where disposition = 'accepted'")).toBe(TARGET)
  expect(count("select count(*) from completion where finish_reason = 'failed'")).toBe(0)
  expect(count("select count(*) from attempt where outcome <> 'ok'")).toBeGreaterThan(0)
  const gap = count(
    "select max(started_at - before) from (select started_at, lag(started_at) over (order by started_at) as before from attempt where outcome = 'ok')",
  )
  expect(gap).toBeGreaterThan(OUTAGE_MS / 2)
})

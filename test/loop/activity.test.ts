/** A clock that is set while a run continues. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { inActivity } from '../../src/loop/activity.ts'
import { sampleIteration } from '../../src/loop/sample/sampling.ts'
import { createTestServer } from '../server/openai-server.ts'
import { readRun } from './database.ts'
import { openRun } from './open-run.ts'
import { createWorkplace, makeProblems, toRows } from './workplace.ts'

const DAY_MS = 86_400_000

afterEach(() => void vi.useRealTimers())

test.each([DAY_MS, -DAY_MS])('that jumps by %d ms loses no request and books no hour', async (jumpMs) => {
  const place = createWorkplace()
  const problems = makeProblems(50)
  const server = await createTestServer({
    problems,
    modelNames: ['base'],
    latencyMs: 20,
    faults: { '429': 0.2, cut: 0.1 },
    retryAfter: { form: 'seconds', seconds: 0.05 },
  })
  place.write('problems.jsonl', toRows(problems))
  const text = `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], concurrency: 16, attempts: 20 }
budget: { policy: { kind: constant, initial: 60 }, iterations: 1, caps: { seconds: 3600 } }
`
  const run = await openRun(place.folder, text)
  try {
    const row = run.begin({ kind: 'accepted', count: 60 })
    const sampling = inActivity(run.context, 0, 'sampling', () =>
      sampleIteration(run.context, row, { checkpoint: run.base.id, model: 'base' }, 1),
    )
    await sleep(60)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jumpMs })
    await sampling
    const { count } = readRun(run.context.directory)
    expect(count("select count(*) from disposition where disposition = 'accepted'")).toBe(60)
    expect(count("select count(*) from completion where finish_reason = 'failed'")).toBe(0)
    expect(count('select min(duration_ms) from attempt')).toBeGreaterThanOrEqual(0)
    const seconds = run.context.store.ledger.seconds()
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThan(3600)
    expect(run.context.spending.spent().seconds).toBeLessThan(3600)
  } finally {
    await run.close()
    await server.close()
    place.remove()
  }
})

/** Weights that change behind a name between two starts of a run are noticed before anything more is drawn. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openDatabase } from '../../../src/store/open.ts'
import { DATABASE_FILE } from '../../../src/store/place/place.ts'
import { createTestServer } from '../../server/openai-server.ts'
import { readRun } from '../database.ts'
import { createWorkplace, freePort, makeProblems, toRows, type Workplace } from '../workplace.ts'

let place: Workplace
beforeAll(() => {
  place = createWorkplace()
})
afterAll(() => place.remove())

function query(sql: string): unknown[] {
  const db = openDatabase(place.at('runs/swapped', DATABASE_FILE), { readonly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

/** Sixty problems, a port, and the checkpoints `first` and `other`. */
async function twoModels() {
  const problems = makeProblems(60)
  place.write('problems.jsonl', toRows(problems))
  place.write('first/skill.json', '{"skill":1}')
  place.write('other/skill.json', '{"skill":2}')
  return { port: await freePort(), problems }
}

test('a server with other weights under the same name ends the run; the first one continues', async () => {
  const { port, problems } = await twoModels()
  place.write(
    'swapped.yaml',
    `name: swapped
problems:
  train: [{ dataset: jsonl, path: problems.jsonl, take: first-40 }]
  evaluate: [{ dataset: jsonl, path: problems.jsonl, take: last-20 }]
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }] }
budget: { policy: { kind: constant, initial: 10 }, iterations: 1 }
`,
  )
  const serve = (weights: string) =>
    createTestServer({ port, modelNames: ['base'], checkpoint: place.at(weights), problems })

  const first = await serve('first')
  expect(await place.run(['evaluate', 'swapped.yaml', '--quiet'])).toMatchObject({ code: 0 })
  expect(query('select root, answered, repeats, changed from canary')).toEqual([
    { root: place.at('first'), answered: 'base', repeats: 1, changed: 'first' },
  ])
  await first.close()

  const other = await serve('other')
  const { code, stderr } = await place.run(['run', 'swapped.yaml', '--quiet'])
  expect(code).toBe(3)
  expect(stderr).toContain(
    `changed its model under the run: it served ${place.at('first')} for base, and now ${place.at('other')}`,
  )
  expect(query("select 1 from completion where purpose = 'train'")).toEqual([])
  await other.close()

  const again = await serve('first')
  expect(await place.run(['run', 'swapped.yaml', '--quiet'])).toMatchObject({ code: 0 })
  await again.close()
})

test('a server that comes back with other weights in mid-run ends it with exit code 3; the first one continues, and n_t is exact', async () => {
  const { port, problems } = await twoModels()
  place.write(
    'mid.yaml',
    `name: swapped
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }], concurrency: 8 }
budget: { policy: { kind: constant, initial: 200 }, iterations: 1 }
`,
  )
  const serve = (weights: string) =>
    createTestServer({ port, modelNames: ['base'], checkpoint: place.at(weights), problems, latencyMs: 20 })
  const run = ['run', 'mid.yaml', '--dir', 'mid', '--quiet']

  const first = await serve('first')
  const running = place.run(run)
  await vi.waitFor(() => expect(first.stats.answered).toBeGreaterThan(60), { timeout: 60_000, interval: 5 })
  await first.close()
  const other = await serve('other')
  const { code, stderr } = await running
  expect(code).toBe(3)
  expect(stderr).toContain(
    `changed its model under the run: it served ${place.at('first')} for base, and now ${place.at('other')}; bring the first one back to resume, or start a new run.`,
  )
  // What it answered before it was found out does not count.
  const stored = "select count(*) from completion where finish_reason <> 'failed'"
  const before = readRun(place.at('mid')).count(stored)
  expect(before).toBeLessThanOrEqual(first.stats.answered)
  await other.close()

  const again = await serve('first')
  expect(await place.run(run)).toMatchObject({ code: 0 })
  const { count } = readRun(place.at('mid'))
  expect(count("select count(*) from disposition where disposition = 'accepted'")).toBe(200)
  await again.close()
})

/** What a run says of itself, counted a second time from its raw rows: every number of the status, 0 differences. */

import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recount } from '../../bench/recount/recount.ts'
import { readStatus } from '../../src/run/status.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { runCommand } from '../loop/command.ts'
import { makeWorkplace, removeWorkplace, SMALL_TOY } from '../loop/killing.ts'
import { statusIn } from '../loop/workplace.ts'

/** Prices that tell one account from another, cut answers, answers beyond what a problem may have, several samples and a gate of several looks. */
const YAML = SMALL_TOY.replace('count: 600', 'count: 120')
  .replace('count: 60', 'count: 30')
  .replace('count: 90', 'count: 40')
  .replace('initial: 60', 'initial: 15')
  .replace(
    '  iterations: 2\n',
    '  iterations: 3\n  costs: { sample: 1.5, train: 2.25, iteration: 10 }\naccept: { maxPerProblem: 1, deduplicate: none }\n',
  )
  .replace('maxTokens: 60', 'maxTokens: 34')
  .replace(
    'gate: { onFail: continue }',
    'gate: { onFail: continue, sequential: true, maxSamples: 5 }\nevaluate: { samples: 2 }',
  )
let folder = ''

beforeAll(async () => {
  folder = makeWorkplace(YAML)
  mkdirSync(`${folder}/runs`, { recursive: true })
  expect(await runCommand(['run', 'run.yaml', '--quiet'], { cwd: folder })).toMatchObject({ code: 0, stderr: '' })
})
afterAll(() => removeWorkplace(folder))

test('every number of the status is what its rows come to', () => {
  const { compared, differences } = recount(`${folder}/runs/small`, statusIn(folder, 'small'))
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThan(250)
})

test('so it is without stored sums, and a row that is changed is noticed', () => {
  const directory = `${folder}/runs/small`
  const before = JSON.parse(JSON.stringify(readStatus(directory)))
  const db = openDatabase(`${directory}/${DATABASE_FILE}`)
  db.exec('delete from closed_iteration')
  expect(recount(directory, JSON.parse(JSON.stringify(readStatus(directory)))).differences).toEqual([])
  db.exec(
    `update completion set completion_tokens = completion_tokens + 1 where id = (select min(id) from completion where purpose = 'train')`,
  )
  db.close()
  const { differences } = recount(directory, before)
  expect(differences.map(({ path }) => path)).toContain('totals.tokens')
})

/**
 * A run folder of spendwise 0.1.0, killed by KILL in its second iteration (test/fixtures/run-0.1.0, with what 0.1.0's `status --json`
 * said of it): it is migrated, resumed and read by this version.
 */

import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunStatus } from '../../src/core/status.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { MIGRATIONS } from '../../src/store/schema.ts'
import { CHECKER } from '../../src/verify/decide.ts'
import { readRun } from './database.ts'
import { createWorkplace, freePort, serveCommand, trainCommand, type Workplace } from './workplace.ts'

const FIXTURE = fileURLToPath(new URL('../fixtures/run-0.1.0', import.meta.url))
const then: RunStatus = JSON.parse(readFileSync(join(FIXTURE, 'status.json'), 'utf8'))
const COMPLETIONS = 'select purpose, iteration, problem, idx, text from completion order by 1, 2, 3, 4'
/** Keys that 0.1.0 did not know: what is done without them, how the work is done, and what 0.1.0 did. */
const NEW_KEYS = `
accept: { by: verdict, restated: accept }
verify: { parts: last }
`

let place: Workplace
let sets: string[] = []

const folder = (): string => place.at('runs/growing')

beforeAll(async () => {
  place = createWorkplace()
  cpSync(FIXTURE, place.folder, { recursive: true })
  // 0.1.0 was somewhere else with its recipe and its server; that may change.
  const files = ['data/train.jsonl', '--problems', 'data/test.jsonl']
  const values = {
    'sample.endpoints.0.baseURL': `http://127.0.0.1:${await freePort()}/v1`,
    'train.command': JSON.stringify(trainCommand()),
    'serve.command': JSON.stringify(serveCommand(files[0] ?? '', [...files.slice(1), '--truncate', '0.05'])),
  }
  sets = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`])
})
afterAll(() => place.remove())

/** Student's quantile was good to six digits in 0.1.0, and is to nine now. */
function toSixDigits(value: unknown): object {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === 'number' ? Number(part.toPrecision(6)) : part))
}

test('what 0.1.0 said of it is still said, before anything is changed', async () => {
  const { code, stdout, stderr } = await place.run(['status', 'growing', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(toSixDigits(JSON.parse(stdout))).toMatchObject(toSixDigits(then))
})

test('a key that makes it another run is refused in one sentence, and nothing is changed', async () => {
  const before = readRun(folder()).rows(COMPLETIONS)
  const { code, stderr } = await place.run(['run', 'run.yaml', ...sets, '--set', 'accept.maxPerProblem=1'])
  expect(code).toBe(2)
  expect(stderr).toBe(
    'The run growing has begun with other values of accept.maxPerProblem, and its traces stand on them. Put it back to resume, or start a new run under another name.\n',
  )
  expect(readRun(folder()).rows(COMPLETIONS)).toEqual(before)
})

test('it is resumed to its end, with keys of this version in its run.yaml: nothing is lost, nothing drawn twice', async () => {
  const before = readRun(folder()).rows(COMPLETIONS)
  appendFileSync(place.at('run.yaml'), NEW_KEYS)
  const more = [
    'budget.mergeLast=false',
    'sample.reasoning=drop',
    'train.shard=none',
    'train.stopSeconds=30',
    'serve.env={ OMP_NUM_THREADS: "1" }',
  ]
  const newer = more.flatMap((set) => ['--set', set])
  const { code, stderr } = await place.run(['run', 'run.yaml', ...sets, ...newer, '--quiet'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const status = place.status('growing')
  expect(status).toMatchObject({ name: 'growing', state: 'done', base: then.base })
  expect(status.iterations.map(({ state, accepted }) => [state, accepted])).toEqual([
    ['done', 12],
    ['done', 24],
    ['done', 48],
  ])
  expect(toSixDigits(status.iterations[0])).toMatchObject(toSixDigits(then.iterations[0]))
  const after = readRun(folder()).rows(COMPLETIONS)
  expect(after).toEqual(expect.arrayContaining(before))
  expect(new Set(after.map((row) => JSON.stringify({ ...row, text: '' }))).size).toBe(after.length)
})

test('its database has the shape of a new one, sums of its ended iterations included', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'spendwise-schema-'))
  openDatabase(join(fresh, DATABASE_FILE)).close()
  expect(schemaOf(folder())).toEqual(schemaOf(fresh))
  rmSync(fresh, { recursive: true })
  expect(readRun(folder()).count('pragma user_version')).toBe(MIGRATIONS.length)
})

test('its traces are exported byte for byte, and reverify brings its verdicts to the present checker', async () => {
  const { code } = await place.run([
    'export',
    'growing',
    '--format',
    'prompt-completion',
    '--out',
    place.at('all.jsonl'),
  ])
  expect(code).toBe(0)
  const rows = readFileSync(place.at('all.jsonl'), 'utf8').trimEnd().split('\n')
  expect(rows).toHaveLength(84)
  const trained = readFileSync(join(FIXTURE, 'runs/growing/iterations/00/dataset.jsonl'), 'utf8').trimEnd().split('\n')
  expect(rows.slice(0, 12)).toEqual(trained)

  const checkers = 'select distinct checker from verdict order by 1'
  expect(readRun(folder()).rows(checkers)).toEqual([{ checker: 'spendwise-checker/4' }, { checker: CHECKER }])
  const again = await place.run(['reverify', 'growing', '--json'])
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(readRun(folder()).rows(checkers)).toEqual([{ checker: CHECKER }])
})

function schemaOf(directory: string): unknown[] {
  const db = new Database(join(directory, DATABASE_FILE), { readonly: true })
  try {
    return db.prepare('select type, name, sql from sqlite_schema order by name').all()
  } finally {
    db.close()
  }
}

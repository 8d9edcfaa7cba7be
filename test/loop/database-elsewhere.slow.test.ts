/** Runs on a disk that refuses locks (a shim in front of the C library), with their databases on one that does not. */

import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunStatus } from '../../src/core/status.ts'
import { isShimPossible, withoutLocks } from '../store/lockless.ts'
import { createWorkplace, type Workplace } from './workplace.ts'

const YAML = `name: small
problems: { train: [{ dataset: steps, count: 200 }], gate: [{ dataset: steps, count: 30 }], evaluate: [{ dataset: steps, count: 30 }] }
sample: { kind: embedded, maxTokens: 60 }
budget: { policy: { kind: constant, initial: 40 }, iterations: 2 }
gate: { onFail: continue }
keep: { last: 9 }
`

let place: Workplace
let env: Record<string, string>

beforeAll(() => {
  place = createWorkplace()
  place.write('run.yaml', YAML)
  if (isShimPossible) env = withoutLocks(place.folder, place.at('shared'))
})
afterAll(() => place.remove())

const go = (...args: readonly string[]) => place.run(args, { env })
const RUN = 'shared/runs/small'

test.skipIf(!isShimPossible)(
  'a disk without locks is named with what to do, and --database does it for every command',
  async () => {
    const refused = await go('run', 'run.yaml', '--dir', RUN, '--quiet')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/^The file system.* --database DIR .*\n$/) })

    const first = await go(
      'run',
      'run.yaml',
      '--dir',
      RUN,
      '--database',
      'local',
      '--set',
      'budget.iterations=1',
      '--quiet',
    )
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(place.at(RUN))).toEqual(
      expect.arrayContaining(['database.json', 'events.jsonl', 'checkpoints', 'iterations']),
    )
    expect(existsSync(place.at(RUN, 'spendwise.sqlite'))).toBe(false)

    // It continues without being told again: from its run.yaml, and from its folder.
    expect(await go('run', 'run.yaml', '--dir', RUN, '--quiet')).toMatchObject({ code: 0, stderr: '' })
    expect(await go('run', RUN, '--extend', 'iterations=3', '--quiet')).toMatchObject({ code: 0, stderr: '' })
    const { state, iterations } = JSON.parse((await go('status', RUN, '--json')).stdout) as RunStatus
    expect({ state, accepted: iterations.map(({ accepted }) => accepted) }).toEqual({
      state: 'done',
      accepted: [40, 40, 40],
    })
  },
)

test.skipIf(!isShimPossible)('status, traces, report, export, reverify, rollback and fork find it', async () => {
  expect((await go('traces', RUN, '--json')).stdout).toContain('"verdict"')
  expect(await go('report', RUN)).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(place.at(RUN, 'report.html'))).toBe(true)
  expect(await go('export', RUN, '--format', 'messages', '--out', 'out.jsonl')).toMatchObject({
    code: 0,
    stderr: expect.any(String),
  })
  expect(await go('reverify', RUN)).toMatchObject({ code: 0, stderr: expect.any(String) })

  expect(await go('fork', RUN, '--at', '1', '--name', 'other', '--dir', 'shared/runs/other')).toMatchObject({
    code: 0,
    stderr: expect.any(String),
  })
  expect(await go('run', 'shared/runs/other', '--quiet')).toMatchObject({ code: 0, stderr: '' })
  expect(await go('rollback', RUN, '--to', '0')).toMatchObject({ code: 0, stderr: expect.any(String) })
  expect(await go('run', RUN, '--quiet')).toMatchObject({ code: 0, stderr: '' })
  expect(
    readdirSync(place.at('local'))
      .map((name) => name.split('-')[0])
      .sort(),
  ).toEqual(['other', 'small'])
  expect(readdirSync(place.at('shared/runs'))).toEqual(['other', 'small'])
})

test.skipIf(!isShimPossible)('a run folder without its database is one sentence', async () => {
  expect(await go('status', RUN)).toMatchObject({ code: 0, stderr: expect.any(String) })
  const { stderr } = await place.run(['run', RUN, '--database', 'another', '--quiet'], { env })
  expect(stderr).toMatch(/^\S+ keeps its database at .*; leave --database out, or fork the run .*\n$/)
})

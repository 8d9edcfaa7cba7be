/** Runs know which files are theirs: two of one name do not mix, and one whose folder is taken away says so. */

import { renameSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { startCommand } from './command.ts'
import { createWorkplace, makeProblems, toRows, type Workplace } from './workplace.ts'

let place: Workplace

const YAML = `problems: { train: [{ dataset: steps, level: P1, count: 2000 }, { dataset: jsonl, path: extra.jsonl, weight: 0.01 }] }
sample: { kind: embedded }
train: none
budget: { policy: { kind: constant, initial: 3 }, iterations: 1 }
`

function project(name: string, yaml: string, from: number): void {
  place.write(`${name}/run.yaml`, yaml)
  place.write(`${name}/extra.jsonl`, toRows(makeProblems(20, from)))
}

beforeAll(() => {
  place = createWorkplace()
  for (const [number, name] of ['one', 'two'].entries()) project(name, YAML, 1000 * number)
  for (const [number, name] of ['left', 'right'].entries()) project(name, `name: same\n${YAML}`, 100 + 1000 * number)
})
afterAll(() => place.remove())

test('a run.yaml without a name is called as its folder, so that two in one working directory do not mix', async () => {
  for (const name of ['one', 'two']) {
    const { stderr, code } = await place.run(['status', `${name}/run.yaml`])
    expect(stderr).toContain(`${name} has not been run yet (there is no run at ${place.at('runs', name)})`)
    expect(code).toBe(2)
  }
})

test('a run that 0.1.0 called run continues where it is', async () => {
  place.write('old/run.yaml', `name: run\n${YAML}`)
  place.write('old/extra.jsonl', toRows(makeProblems(20)))
  expect(await place.run(['run', 'old/run.yaml', '--quiet'])).toMatchObject({ code: 0 })
  place.write('old/run.yaml', YAML)
  expect(await place.run(['status', 'old/run.yaml', '--json'])).toMatchObject({ code: 0 })
  place.write('other/run.yaml', YAML)
  expect((await place.run(['status', 'other/run.yaml'])).stderr).toContain('other has not been run yet')
})

test('another run.yaml of the same name is refused by its problem files; the folder continues', async () => {
  expect(await place.run(['run', 'left/run.yaml', '--quiet'])).toMatchObject({ code: 0 })
  const { code, stderr } = await place.run(['run', 'right/run.yaml', '--quiet'])
  expect(code).toBe(2)
  expect(stderr).toContain(`${place.at('right', 'extra.jsonl')} is not the problem file that run same began with`)
  expect(await place.run(['run', 'same', '--quiet'])).toMatchObject({ code: 0 })
  // The same problems from somewhere else are the same run.
  renameSync(place.at('left'), place.at('moved'))
  expect(await place.run(['run', 'moved/run.yaml', '--quiet'])).toMatchObject({ code: 0 })
})

const isSampling = (event: RunEvent): boolean => event.kind === 'sampling' && event.sampled > 0

test.each<[string, (folder: string) => void, RegExp]>([
  ['deleted', (folder) => rmSync(folder, { recursive: true }), /is gone: .* was deleted, moved or replaced/],
  ['moved', (folder) => renameSync(folder, `${folder}-elsewhere`), /is gone: /],
  [
    'replaced',
    (folder) => {
      renameSync(folder, `${folder}-before`)
      place.write('runs/taken/spendwise.sqlite', '')
      place.write('runs/taken/lock.sqlite', '')
    },
    /is another file now: /,
  ],
  ['robbed of its lock', (folder) => rmSync(`${folder}/lock.sqlite`), /lock\.sqlite is gone: /],
])('a run whose folder is %s under it stops with a sentence and exit code 1', async (_, act, sentence) => {
  const folder = place.at('runs', 'taken')
  rmSync(folder, { recursive: true, force: true })
  place.write('taken/run.yaml', YAML.replace('initial: 3', 'initial: 60').replace('train: none', 'train: embedded'))
  place.write('taken/extra.jsonl', toRows(makeProblems(20)))
  let left = 1
  const { ended } = startCommand(['run', 'taken/run.yaml', '--json'], {
    cwd: place.folder,
    onLine(line) {
      if (left > 0 && isSampling(JSON.parse(line))) {
        left--
        act(folder)
      }
    },
  })
  const { code, stderr } = await ended
  expect(left).toBe(0)
  expect(stderr).toMatch(sentence)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(code).toBe(1)
})

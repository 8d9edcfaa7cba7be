/** A gate that continues look by look, in a real run: killed between looks and within one, it ends as if nothing had happened. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { runCommand, startCommand } from './command.ts'
import { readRun } from './database.ts'
import { faultsOf, makeWorkplace, NO_FAULTS, outcomeOf, removeWorkplace, SMALL_TOY } from './killing.ts'
import { statusIn } from './workplace.ts'

const YAML = SMALL_TOY.replace(
  'gate: { onFail: continue }',
  'gate: { onFail: continue, sequential: true, maxSamples: 4, margin: 0.005 }',
)
const folders: string[] = []
let calm = ''

function work(): string {
  const folder = makeWorkplace(YAML)
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  calm = work()
  expect(await runCommand(['run', 'run.yaml', '--quiet'], { cwd: calm })).toMatchObject({ code: 0, stderr: '' })
})
afterAll(() => folders.forEach(removeWorkplace))

const LOOKS = 'select * from gate_look order by 1, 2, 3'

test('looks are stored and told, and both checkpoints have the samples of the last one', () => {
  const { iterations } = statusIn(calm, 'small')
  const store = readRun(`${calm}/runs/small`)
  expect(store.rows(LOOKS).length).toBeGreaterThan(2)
  for (const { gate, iteration } of iterations) {
    expect(gate?.looks.map(({ samples }) => samples)).toEqual([1, 2, 4].slice(0, gate?.looks.length))
    expect(gate?.looks.at(-1)).toMatchObject({ decision: gate?.decision, samples: gate?.samples, low: gate?.low })
    for (const { decision } of gate?.looks.slice(0, -1) ?? []) expect(decision).toBe('undecided')
    for (const { level } of gate?.looks ?? []) expect(level).toBeLessThan(gate?.alpha ?? 0)
    for (const of of [iteration, iteration - 1]) {
      const drawn = store.count(`select count(*) from completion where purpose = 'gate' and iteration = ${of}`)
      expect(drawn).toBeGreaterThanOrEqual(60 * (gate?.samples ?? 0))
    }
  }
  expect(iterations.some(({ gate }) => (gate?.looks.length ?? 0) > 1)).toBe(true)
})

test('every checkpoint is measured with the seeds of the base', () => {
  const store = readRun(`${calm}/runs/small`)
  const seeds = (purpose: string, iteration: number): unknown =>
    store.rows(
      `select p.id, c.idx, c.seed from completion c join problem p on p.number = c.problem
      where c.purpose = '${purpose}' and c.iteration = ${iteration} and c.idx < 1 order by 1, 2`,
    )
  for (const purpose of ['gate', 'evaluate']) {
    expect(seeds(purpose, 1)).toEqual(seeds(purpose, -1))
    expect(seeds(purpose, 0)).toEqual(seeds(purpose, -1))
  }
})

/** Kills the run at the first event that this is true of. */
async function killAt(folder: string, isMoment: (event: RunEvent) => boolean): Promise<void> {
  const started = startCommand(['run', 'run.yaml', '--json'], {
    cwd: folder,
    onLine(line) {
      if (isMoment(JSON.parse(line) as RunEvent)) started.child.kill('SIGKILL')
    },
  })
  expect((await started.ended).signal).toBe('SIGKILL')
}

test('killed right after a look, and again within the next one, it continues in that look', async () => {
  const folder = work()
  const store = readRun(`${folder}/runs/small`)
  await killAt(folder, ({ kind }) => kind === 'gate-look')
  await killAt(folder, (event) => event.kind === 'sampling' && event.purpose === 'gate' && event.inFlight > 0)
  expect(store.count('select count(*) from gate')).toBe(0)
  expect(store.count('select count(*) from gate_look')).toBe(1)
  expect(await runCommand(['run', 'run.yaml', '--quiet'], { cwd: folder })).toMatchObject({ code: 0, stderr: '' })
  expect(faultsOf(folder)).toEqual(NO_FAULTS)
  expect(outcomeOf(folder)).toEqual(outcomeOf(calm))
  expect(store.rows(LOOKS)).toEqual(readRun(`${calm}/runs/small`).rows(LOOKS))
})

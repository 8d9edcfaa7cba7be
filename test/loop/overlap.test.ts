/** Evaluations that fill the slots which sampling leaves free at its end: the same numbers, earlier. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { runCommand } from './command.ts'
import { readRun } from './database.ts'
import { faultsOf, makeWorkplace, NO_FAULTS, outcomeOf, removeWorkplace, runUnderKills, SMALL_TOY } from './killing.ts'

const OVERLAPPING = `${SMALL_TOY}evaluate: { overlap: true }\n`
const folders: string[] = []
let apart = ''

function open(text: string): string {
  const folder = makeWorkplace(text)
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  apart = open(SMALL_TOY)
  expect(await runCommand(['run', 'run.yaml', '--quiet'], { cwd: apart })).toMatchObject({ code: 0 })
})
afterAll(() => folders.forEach(removeWorkplace))

test('the evaluation of a checkpoint begins while its traces are still coming in, and brings the same', async () => {
  const folder = open(OVERLAPPING)
  expect(await runCommand(['run', 'run.yaml', '--quiet'], { cwd: folder })).toMatchObject({ code: 0 })
  const { count } = readRun(join(folder, 'runs', 'small'))
  const attempts = 'from attempt a join completion c on c.id = a.completion where c.purpose'
  for (const [evaluated, sampled] of [
    [-1, 0],
    [0, 1],
  ]) {
    const begin = count(`select min(a.started_at) ${attempts} = 'evaluate' and c.iteration = ${evaluated}`)
    expect(begin).toBeGreaterThanOrEqual(
      count(`select min(a.started_at) ${attempts} = 'train' and c.iteration = ${sampled}`),
    )
    const last = count(`select max(a.started_at + a.duration_ms) ${attempts} = 'train' and c.iteration = ${sampled}`)
    expect(begin).toBeLessThanOrEqual(last)
  }
  expect(outcomeOf(folder)).toEqual(outcomeOf(apart))
})

test('killed twice it ends the same', async () => {
  const folder = open(OVERLAPPING)
  const { code, kills } = await runUnderKills(folder, { kills: 2, lifeMs: 3000, random: createRandom(5) })
  expect({ code, kills: kills.length }).toEqual({ code: 0, kills: 2 })
  expect(faultsOf(folder)).toEqual(NO_FAULTS)
  expect(outcomeOf(folder)).toEqual(outcomeOf(apart))
})

test('a cap that is met before the next sampling leaves no checkpoint unmeasured', async () => {
  const folder = open(OVERLAPPING)
  const drawn = readRun(join(apart, 'runs', 'small')).count(
    "select count(*) from completion where purpose = 'train' and iteration = 0",
  )
  writeFileSync(
    join(folder, 'run.yaml'),
    `${OVERLAPPING.replace('budget:\n', `budget:\n  unit: sampled\n  caps: { samples: ${drawn} }\n`).replace('initial: 60', `initial: ${drawn}`)}`,
  )
  expect(await runCommand(['run', 'run.yaml', '--quiet'], { cwd: folder })).toMatchObject({ code: 4 })
  const { count } = readRun(join(folder, 'runs', 'small'))
  for (const iteration of [-1, 0])
    expect(count(`select count(*) from completion where purpose = 'evaluate' and iteration = ${iteration}`)).toBe(90)
})

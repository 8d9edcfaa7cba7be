/**
 * spendwise killed at every named point between two steps: the next start goes on, no job runs twice, and the end is that of a
 * run that nobody disturbed.
 */

import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CRASH_VARIABLE, type CrashPoint, SUBMISSION_POINTS } from '../../src/process/crash-point.ts'
import { type Ended, startCommand } from './command.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'
import {
  createWorkplace,
  freePort,
  makeProblems,
  serveSection,
  toRows,
  trainCommand,
  type Workplace,
  writeBase,
} from './workplace.ts'

/** Stops once with its work "saved", as a preempted job does; from then on it is the program it was given. */
const PREEMPTED_ONCE = `
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
const [output, program, ...args] = process.argv.slice(2)
if (!existsSync(output + '.preempted')) { writeFileSync(output + '.preempted', ''); process.exit(75) }
process.exit(spawnSync(program, args, { stdio: 'inherit' }).status ?? 1)
`

let place: Workplace
let calm: object

beforeAll(async () => {
  place = createWorkplace()
  place.write('train.jsonl', toRows(makeProblems(120)))
  place.write('preempted-once.mjs', PREEMPTED_ONCE)
  writeBase(place, 0.8)
  const command = [process.execPath, 'preempted-once.mjs', '{output}', ...trainCommand()]
  place.write(
    'run.yaml',
    `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${await freePort()}/v1", model: base }] }
budget: { policy: { kind: constant, initial: 30 }, iterations: 2 }
train: { kind: command, command: ${JSON.stringify(command)} }
serve: ${serveSection('train.jsonl')}
`,
  )
  expect(await run('calm')).toMatchObject({ code: 0, stderr: '' })
  calm = outcomeOf(place.at('calm'))
})
afterAll(() => place.remove())

function run(folder: string, crashAt?: string): Promise<Ended> {
  const args = ['run', 'run.yaml', '--dir', `${folder}/runs/small`, '--quiet']
  return startCommand(args, { cwd: place.folder, env: crashAt === undefined ? {} : { [CRASH_VARIABLE]: crashAt } })
    .ended
}

/** How often the recipe began to train, by iteration. */
function jobsOf(folder: string): number[] {
  return ['00', '01'].map((iteration) => {
    const log = place.at(folder, 'runs/small/iterations', iteration, 'train.log')
    return existsSync(log) ? (readFileSync(log, 'utf8').match(/"event":"(?:start|done","already)/g)?.length ?? 0) : 0
  })
}

describe('killed on the way of a job', () => {
  // The second time a point of the first job's second submission, or one of the second iteration.
  test.each(SUBMISSION_POINTS.flatMap((point): [CrashPoint, number][] => [1, 2].map((time) => [point, time])))(
    'at %s, passed for the %i. time, the run goes on without a second job',
    async (point, time) => {
      const folder = `${point}-${time}`
      expect(await run(folder, `${point}:${time}`)).toMatchObject({ signal: 'SIGKILL' })
      expect(await run(folder)).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calm)
      expect(jobsOf(folder)).toEqual([1, 1])
    },
  )
})

/** Whole runs that train through a cluster: a place for them, what is asked of each, and the tests that hold for every engine of jobs. */

import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { CRASH_VARIABLE, type CrashPoint } from '../../src/process/crash-point.ts'
import { type Ended, type Started, startCommand } from '../loop/command.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from '../loop/killing.ts'
import { createWorkplace, makeProblems, toRows, trainCommand, type Workplace, writeBase } from '../loop/workplace.ts'
import { createTestServer } from '../server/openai-server.ts'

/** Stops once with its work "saved", as a preempted job does; from then on it is the program it was given. */
const PREEMPTED_ONCE = `
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
const [output, program, ...args] = process.argv.slice(2)
if (!existsSync(output + '.preempted')) { writeFileSync(output + '.preempted', ''); process.exit(75) }
process.exit(spawnSync(program, args, { stdio: 'inherit' }).status ?? 1)
`
const AWAY_MS = 120_000
export const WAIT = { timeout: 300_000, interval: 200 }

/** What an engine is to these tests. */
export interface Cluster {
  /** For every command that talks to it. */
  readonly env: Readonly<Record<string, string>>
  /** `kind` and the other keys of `train`, without braces. */
  readonly train: string
  /** What became of every job that a run has submitted, in order, in the engine's own words. */
  statesOf(directory: string): Promise<string[]>
  /** Its words for a job that ended with 0, with another code, and that was asked to stop. */
  readonly words: { readonly whole: string; readonly failed: string; readonly stopped: string }
  /** It gives no answer from then on; jobs continue. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  /** How a run tells of that. */
  readonly awayNote: string
}

export interface RunOptions {
  readonly crashAt?: string
  readonly sets?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface ClusterRuns {
  readonly place: Workplace
  readonly cluster: Cluster
  /** A run of one iteration that trains by this command. */
  writeRun(name: string, command: readonly string[], more?: string): void
  start(yaml: string, folder: string, options?: RunOptions): Started
  run(yaml: string, folder: string, options?: RunOptions): Promise<Ended>
  statesOf(folder: string): Promise<string[]>
  logOf(folder: string): string
  /** How often the recipe began to train. */
  startsOf(folder: string): number
  isTraining(folder: string): Promise<void>
  /** Nothing lost, nothing twice, and the outcome of a run that nobody disturbed. */
  expectCalmEnd(folder: string): void
  close(): Promise<void>
}

/** Files `run.yaml`, `twice.yaml` (preempted once) and `slow.yaml` (15 s), and a run that nobody disturbs. */
export async function createClusterRuns(cluster: Cluster): Promise<ClusterRuns> {
  const place = createWorkplace()
  place.write('train.jsonl', toRows(makeProblems(120)))
  place.write('preempted-once.mjs', PREEMPTED_ONCE)
  writeBase(place, 0.8)
  const server = await createTestServer({ problems: makeProblems(120), modelNames: ['base'], skill: 0.8 })
  let calm: object = {}
  const runs: ClusterRuns = {
    place,
    cluster,
    writeRun(name, command, more = '') {
      place.write(
        name,
        `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }] }
budget: { policy: { kind: constant, initial: 30 }, iterations: 1 }
train: { ${cluster.train}, settleSeconds: 5${more}, command: ${JSON.stringify(command)} }
serve: external
`,
      )
    },
    start(yaml, folder, { crashAt, sets = [], env = {} } = {}) {
      const args = ['run', yaml, '--dir', `${folder}/runs/small`, '--json', ...sets.flatMap((set) => ['--set', set])]
      const crash: Record<string, string> = crashAt === undefined ? {} : { [CRASH_VARIABLE]: crashAt }
      return startCommand(args, { cwd: place.folder, env: { ...cluster.env, ...crash, ...env } })
    },
    run: (yaml, folder, options) => runs.start(yaml, folder, options).ended,
    statesOf: (folder) => cluster.statesOf(place.at(folder, 'runs/small')),
    logOf(folder) {
      const path = place.at(folder, 'runs/small/iterations/00/train.log')
      return existsSync(path) ? readFileSync(path, 'utf8') : ''
    },
    startsOf: (folder) => runs.logOf(folder).match(/"event":"start"/g)?.length ?? 0,
    isTraining: (folder) => vi.waitFor(() => expect(runs.startsOf(folder)).toBe(1), WAIT),
    expectCalmEnd(folder) {
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calm)
    },
    async close() {
      await server.close()
      place.remove()
    },
  }
  runs.writeRun('run.yaml', trainCommand(['--delay-ms', '1500']))
  runs.writeRun('twice.yaml', [
    ...[process.execPath, 'preempted-once.mjs', '{output}'],
    ...trainCommand(['--delay-ms', '1500']),
  ])
  runs.writeRun('slow.yaml', trainCommand(['--delay-ms', '15000']))
  expect(await runs.run('run.yaml', 'calm')).toMatchObject({ code: 0, stderr: '' })
  calm = outcomeOf(place.at('calm'))
  return runs
}

export function eventsOf({ stdout }: Ended): RunEvent[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** Tests that may run side by side. @param runs there as soon as a test begins */
export function testKillsAndStops(points: readonly CrashPoint[], runs: () => ClusterRuns): void {
  test.concurrent.each(points)('killed at %s it resumes, and nothing trains twice', async (point) => {
    const { run, statesOf, startsOf, expectCalmEnd, cluster } = runs()
    // A kill at the point's second passing falls into the second submission, after the preemption.
    expect(await run('twice.yaml', point, { crashAt: point })).toMatchObject({ signal: 'SIGKILL' })
    expect(await run('twice.yaml', point)).toMatchObject({ code: 0, stderr: '' })
    expect(await statesOf(point)).toEqual([cluster.words.failed, cluster.words.whole])
    expect(startsOf(point)).toBe(1)
    expectCalmEnd(point)
  })

  test.concurrent('Ctrl-C lets the job save its work, and the run resumes from there by another job', async () => {
    const { start, run, statesOf, isTraining, logOf, expectCalmEnd, cluster } = runs()
    const started = start('slow.yaml', 'interrupted')
    await isTraining('interrupted')
    started.child.kill('SIGINT')
    expect(await started.ended).toMatchObject({ code: 130 })
    expect(logOf('interrupted')).toContain('"event":"preempted"')
    expect(await statesOf('interrupted')).toEqual([cluster.words.stopped])
    expect(await run('slow.yaml', 'interrupted')).toMatchObject({ code: 0, stderr: '' })
    expect(await statesOf('interrupted')).toEqual([cluster.words.stopped, cluster.words.whole])
    expectCalmEnd('interrupted')
  })
}

/** A test that wants the cluster for itself. */
export function testAway(runs: () => ClusterRuns): void {
  test('an engine that is away for two minutes costs the wait: neither a running job nor one to be submitted fails', async () => {
    const { run, statesOf, startsOf, isTraining, expectCalmEnd, cluster } = runs()
    const running = run('slow.yaml', 'away-running')
    await isTraining('away-running')
    await cluster.goAway()
    const submitting = run('run.yaml', 'away-submitting')
    await sleep(AWAY_MS)
    await cluster.comeBack()
    for (const ended of await Promise.all([running, submitting])) {
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(eventsOf(ended)).toContainEqual({ kind: 'note', text: expect.stringContaining(cluster.awayNote) })
    }
    for (const folder of ['away-running', 'away-submitting']) {
      expect((await statesOf(folder)).at(-1)).toBe(cluster.words.whole)
      expect(startsOf(folder)).toBe(1)
      expectCalmEnd(folder)
    }
  })
}

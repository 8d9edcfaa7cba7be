/**
 * One warm vitest over a copy of the project: what has not changed since the last mutant is not transformed again. It never measures
 * by the clock: a test file ends late after so much processor time, or when everything that it started has been asleep for long.
 */

import { join } from 'node:path'
import { createVitest, type TestModule, type Vitest } from 'vitest/node'
import { killChildren, killOrphans, seeChildren } from './processes.ts'

export type Fate = 'killed' | 'timeout' | 'survived'

export interface Outcome {
  readonly fate: Fate
  readonly cpuSeconds: number
  /** The first failure's first line. */
  readonly why: string
}

export interface Bench {
  /** Forgets what was transformed of a file of the copy. */
  invalidate(file: string): void
  /** Runs one test file of the copy. */
  run(test: string, cpuSeconds: number): Promise<Outcome>
  close(): Promise<void>
}

const LOOK_MS = 500
/** Everything asleep for this long, and no test ended: it hangs. */
const ASLEEP_SECONDS = 90
/** The same where it looks for something again and again: so little work in so long. A starved process gets more than that. */
const IDLING_SECONDS = 180
const IDLING_WORK_SECONDS = 5
const FOREVER_MS = 3_600_000

export async function createBench(folder: string): Promise<Bench> {
  let vitest = await start(folder)
  return {
    invalidate: (file) => vitest.invalidateFile(join(folder, file)),
    async run(test, cpuSeconds) {
      const watch = watchChildren(cpuSeconds)
      const specification = vitest.getRootProject().createSpecification(join(folder, test))
      vitest.state.clearErrors()
      const ending = vitest.runTestSpecifications([specification])
      const late = watch.late.then(() => undefined)
      const result = await Promise.race([ending, late])
      if (result === undefined) {
        // A worker in an endless loop answers no message, so that vitest cannot end it.
        killChildren()
        await Promise.race([ending.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 5000))])
        const old = vitest
        vitest = await start(folder)
        void old.close().catch(() => undefined)
      }
      const spent = watch.stop()
      killOrphans()
      if (result === undefined) return { fate: 'timeout', cpuSeconds: spent, why: 'it did not end' }
      // What failed before is still in vitest's state, and among the modules that it returns.
      const own = result.testModules.filter(({ moduleId }) => moduleId === join(folder, test))
      const why = failureOf(own, result.unhandledErrors)
      return { fate: why === undefined ? 'survived' : 'killed', cpuSeconds: spent, why: why ?? '' }
    },
    close: () => vitest.close(),
  }
}

async function start(root: string): Promise<Vitest> {
  const vitest = await createVitest({
    root,
    config: false,
    watch: false,
    pool: 'forks',
    maxWorkers: 1,
    bail: 1,
    reporters: [{}],
    include: ['test/**/*.test.ts'],
    testTimeout: FOREVER_MS,
    hookTimeout: FOREVER_MS,
  })
  await vitest.standalone()
  return vitest
}

function failureOf(modules: readonly TestModule[], errors: readonly unknown[]): string | undefined {
  const found = [
    ...modules.flatMap((module) => [
      ...[...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []),
      ...module.errors(),
    ]),
    ...errors,
  ]
  const isOk = modules.every((module) => module.ok()) && errors.length === 0
  if (isOk && modules.length > 0) return undefined
  const [first] = found as { message?: string }[]
  return (first?.message ?? 'failed').split('\n')[0]?.slice(0, 160)
}

function watchChildren(cpuSeconds: number): { readonly late: Promise<void>; stop(): number } {
  let most = 0
  let asleep = 0
  let before = 0
  let worked = { cpuSeconds: 0, at: performance.now() }
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setInterval(() => {
    const seen = seeChildren()
    most = Math.max(most, seen.cpuSeconds)
    const isIdle = !seen.isAwake && seen.cpuSeconds - before < 0.02
    before = seen.cpuSeconds
    asleep = isIdle ? asleep + LOOK_MS / 1000 : 0
    if (Math.abs(seen.cpuSeconds - worked.cpuSeconds) >= IDLING_WORK_SECONDS)
      worked = { ...seen, at: performance.now() }
    const isIdling = performance.now() - worked.at > IDLING_SECONDS * 1000
    if (most > cpuSeconds || asleep > ASLEEP_SECONDS || isIdling) resolve()
  }, LOOK_MS)
  return {
    late,
    stop() {
      clearInterval(timer)
      return Math.round(most * 10) / 10
    },
  }
}

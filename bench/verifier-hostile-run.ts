/** The hostile inputs in a thread of their own: processor time of each, and how far the thread's heap grows. */

import { getHeapStatistics } from 'node:v8'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { judge } from '../src/verify/decide.ts'
import { hostileByKind } from '../test/fixtures/checker/hostile.ts'
import { HOSTILE_TEXTS } from '../test/fixtures/checker/hostile-texts.ts'
import { HOSTILE } from './verifier-hostile.ts'

export interface HostileRun {
  readonly inputs: number
  /** Milliseconds of processor time of the slowest input. */
  readonly worstMs: number
  readonly slowest: string
  /** How much larger the heap ever was after an input than before the first. */
  readonly grownMiB: number
  /** Inputs that were called correct. */
  readonly fooled: readonly string[]
}

/** Every input both ways: as the gold answer and as the completion. */
export function runHostile(): Promise<HostileRun> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url))
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

interface Input {
  readonly name: string
  readonly gold: string
  readonly answer: string
  /** True where the answer says what the gold says, for all its length. */
  readonly isHonest?: boolean
}

function* inputs(): Generator<Input> {
  for (const [name, gold, answer] of HOSTILE) yield { name, gold, answer }
  for (const { kind, gold, answer } of hostileByKind()) yield { name: `${kind}: ${answer.slice(0, 24)}`, gold, answer }
  for (const [name, answer, kind] of HOSTILE_TEXTS) yield { name, gold: '7', answer, isHonest: kind === 'correct' }
}

function measure(): HostileRun {
  judge('\\sin x + \\frac{1}{2}', '1 + \\cos x')
  judge('5\\text{ cm}', '5\\text{ meters}')
  const before = getHeapStatistics().total_heap_size
  let [count, worstMs, grown, slowest] = [0, 0, 0, '']
  const fooled: string[] = []
  for (const { name, gold, answer, isHonest } of inputs()) {
    count++
    for (const [left, right] of [
      [gold, answer],
      [answer, gold],
    ] as const) {
      const start = process.threadCpuUsage()
      const { kind } = judge(left, right)
      const { user, system } = process.threadCpuUsage(start)
      const ms = (user + system) / 1000
      if (ms > worstMs) [worstMs, slowest] = [ms, name]
      if (kind === 'correct' && !isHonest) fooled.push(name)
      grown = Math.max(grown, getHeapStatistics().total_heap_size - before)
    }
  }
  return { inputs: count, worstMs, slowest, grownMiB: grown / 2 ** 20, fooled }
}

if (!isMainThread) parentPort?.postMessage(measure())

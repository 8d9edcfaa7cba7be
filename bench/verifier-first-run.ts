/** The first verdicts of a fresh thread, with and without what threads of a long run do when they start. */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { judge } from '../src/verify/decide.ts'
import { warmUp } from '../src/verify/warm-up.ts'

export interface FirstRun {
  /** Processor time before the first pair: the parser's load, and the warm-up where there is one. */
  readonly startMs: number
  /** Processor time of all pairs, each judged once. */
  readonly processorMs: number
  readonly wallMs: readonly number[]
}

interface Input {
  readonly pairs: readonly { readonly gold: string; readonly pred: string }[]
  readonly isWarm: boolean
}

export function runFirst(pairs: Input['pairs'], isWarm: boolean): Promise<FirstRun> {
  const input: Input = { pairs: pairs.map(({ gold, pred }) => ({ gold, pred })), isWarm }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: input })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function measure({ pairs, isWarm }: Input): FirstRun {
  const start = processorMs()
  judge('\\sin x + 1', '1 + \\cos x')
  if (isWarm) warmUp()
  const started = processorMs()
  const wallMs: number[] = []
  for (const { gold, pred } of pairs) {
    const from = performance.now()
    judge(gold, pred)
    wallMs.push(performance.now() - from)
  }
  return { startMs: started - start, processorMs: processorMs() - started, wallMs }
}

if (!isMainThread) parentPort?.postMessage(measure(workerData))

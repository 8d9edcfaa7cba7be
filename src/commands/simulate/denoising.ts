/** The work of `simulate denoising`: the base, the runs of all arms and seeds over threads, and how they are shown. */

import { Worker } from 'node:worker_threads'
import type { DenoisingResult, SeedRun } from '../../core/denoising.ts'
import { STRIDES } from '../../embedded/denoiser/diffusion.ts'
import { readDigits } from '../../embedded/denoiser/digits.ts'
import { createLearner, noisyPsnr, trainBase } from '../../embedded/denoiser/learner.ts'
import { PIXELS } from '../../embedded/denoiser/network.ts'
import { noiseLevel } from '../../embedded/denoiser/schedule.ts'
import { renderDenoising } from '../../report/terminal/denoising.ts'
import { ARMS, type DenoisingArm, QUICK_ARMS, REFERENCE, REFIT_ARMS } from '../../simulate/denoising/arms.ts'
import type { DenoisingSettings } from '../../simulate/denoising/loop.ts'
import { summarizeArms } from '../../simulate/denoising/results.ts'
import { columnsOf, wantsColor, writeResult } from '../options.ts'
import { writePage } from '../write-page.ts'
import type { DenoisingAnswer, DenoisingTask } from './denoising-worker.ts'

/** Flags of `simulate denoising`, as commander hands them over. */
export interface DenoisingFlags {
  readonly preset: keyof typeof PRESETS
  readonly noise: number
  readonly refit?: boolean
  readonly seeds?: number
  readonly threads: number
  readonly json?: boolean
  readonly html?: string
}

/** `quick` shows in a minute what it is; `full` is the table of docs/denoising.md. */
export const PRESETS = {
  quick: { arms: QUICK_ARMS, cost: 40_000, measurements: 8, seeds: 2 },
  full: { arms: ARMS, cost: 150_000, measurements: 15, seeds: 5 },
} as const

const BATCH = 32
const FIRST_SEED = 1011
/** Steps on every iteration's images where they are refitted. */
const REFIT_STEPS = 25
/** A training image costs a forward and a backward pass, which are three forward ones. */
const COSTS = { sample: STRIDES, train: 3 }
/** Decibels below and above the base that the reward rises over, from never kept to always kept. */
const WINDOW = { below: 2, above: 5 }
const SHOWN = 8

export async function simulateDenoising(flags: DenoisingFlags): Promise<void> {
  const { result, shown } = await runAll(flags)
  if (flags.html !== undefined) {
    const { renderDenoisingPage } = await import('../../report/html/denoising.ts')
    writePage(flags.html, await renderDenoisingPage(result, shown))
  }
  const style = { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }
  await writeResult(flags.json ? `${JSON.stringify(result, null, 2)}\n` : `${renderDenoising(result, style)}\n`)
}

async function runAll(flags: DenoisingFlags): Promise<{ result: DenoisingResult; shown: DenoisingAnswer['shown'] }> {
  const preset = PRESETS[flags.preset]
  const { noise } = flags
  const arms: readonly DenoisingArm[] = flags.refit ? REFIT_ARMS : preset.arms
  const digits = readDigits()
  const parameters = trainBase(noise)
  const measureOn = (held: Float32Array): number =>
    createLearner({ noise, parameters, pool: digits.pool, held, seed: 1 }).measure()
  // The window is set on digits that nothing is reported on.
  const middle = measureOn(digits.pilot)
  const settings: DenoisingSettings = {
    ...{ cost: preset.cost, measurements: preset.measurements, costs: COSTS, batch: BATCH, pixels: PIXELS },
    ...{ rate: 4e-3, warmup: 10, refitSteps: flags.refit ? REFIT_STEPS : null },
    window: { low: middle - WINDOW.below, high: middle + WINDOW.above },
  }
  const seeds = Array.from({ length: flags.seeds ?? preset.seeds }, (_, i) => FIRST_SEED + i)
  const tasks = seeds.flatMap((seed) =>
    arms.map((arm): DenoisingTask => ({ arm, seed, noise, parameters, settings, show: SHOWN })),
  )
  const answers = await overThreads(tasks, flags.threads)
  const runs = Map.groupBy(
    tasks.map(({ arm, seed }, i): SeedRun & { arm: string } => ({ arm: arm.name, seed, ...runOf(answers, i) })),
    ({ arm }) => arm,
  )
  const shown = answers[tasks.findIndex(({ arm }) => arm.name === REFERENCE)]?.shown
  if (!shown) throw new Error(`no run of ${REFERENCE}`)
  const result: DenoisingResult = {
    ...{ preset: flags.preset, variant: flags.refit ? 'refit' : 'steps', noise, sigma: noiseLevel(noise) },
    ...{
      noisyPsnr: noisyPsnr(Object.values(digits), noise),
      basePsnr: measureOn(digits.held),
      cost: preset.cost,
      batch: BATCH,
    },
    ...summarizeArms(
      arms,
      new Map([...runs].map(([name, own]) => [name, own.map(({ arm: _, ...run }) => run)])),
      preset.cost,
      preset.measurements,
    ),
  }
  return { result, shown }
}

function runOf(answers: readonly (DenoisingAnswer | undefined)[], at: number): DenoisingAnswer['run'] {
  const run = answers[at]?.run
  if (!run) throw new Error(`run ${at} has no answer`)
  return run
}

/** Each thread takes the next task when it is done; answers are in the order of the tasks, whatever thread was quicker. */
async function overThreads(tasks: readonly DenoisingTask[], threads: number): Promise<(DenoisingAnswer | undefined)[]> {
  const answers: (DenoisingAnswer | undefined)[] = tasks.map(() => undefined)
  const tell = createCounter(tasks.length)
  let next = 0
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL(`./denoising-worker${import.meta.url.slice(-3)}`, import.meta.url))
    try {
      for (let at = next++; at < tasks.length; at = next++) {
        answers[at] = await answerOf(worker, tasks[at])
        tell()
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work))
  return answers
}

function answerOf(worker: Worker, task: DenoisingTask | undefined): Promise<DenoisingAnswer> {
  return new Promise<DenoisingAnswer>((resolve, reject) => {
    // One by one: without any listener of its own left a worker passes no message on.
    worker.once('error', reject)
    worker.once('message', (answer: DenoisingAnswer) => {
      worker.off('error', reject)
      resolve(answer)
    })
    worker.postMessage(task)
  })
}

/** Says on a terminal how many runs have ended and how long the others will take. */
function createCounter(count: number): () => void {
  const startedAt = performance.now()
  let done = 0
  return () => {
    done++
    if (!process.stderr.isTTY) return
    const left = Math.round((((performance.now() - startedAt) / 1000) * (count - done)) / done)
    process.stderr.write(`\r\u001b[K${done < count ? `${done} of ${count} runs, about ${left} s left` : ''}`)
  }
}

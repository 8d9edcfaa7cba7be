/** Thread entry: runs of the denoising experiment, one after the other. */

import { parentPort } from 'node:worker_threads'
import type { DenoisingRun } from '../../core/denoising.ts'
import { readDigits } from '../../embedded/denoiser/digits.ts'
import { createLearner } from '../../embedded/denoiser/learner.ts'
import type { DenoisingArm } from '../../simulate/denoising/arms.ts'
import { type DenoisingSettings, runDenoising } from '../../simulate/denoising/loop.ts'

export interface DenoisingTask {
  readonly arm: DenoisingArm
  readonly seed: number
  readonly noise: number
  /** Of the base. */
  readonly parameters: Float32Array
  readonly settings: DenoisingSettings
  /** Held images to show as the run leaves them. */
  readonly show: number
}

export interface DenoisingAnswer {
  readonly run: DenoisingRun
  /** Values in [-1, 1], one image after the other. */
  readonly shown: { readonly noisy: Float32Array; readonly denoised: Float32Array; readonly clean: Float32Array }
}

parentPort?.on('message', ({ arm, seed, noise, parameters, settings, show }: DenoisingTask) => {
  const { pool, held } = readDigits()
  const learner = createLearner({ noise, parameters, pool, held, seed })
  const run = runDenoising(learner, arm, settings)
  parentPort?.postMessage({ run, shown: learner.show(show) } satisfies DenoisingAnswer)
})

/** The denoising experiment's results: the shape that `simulate denoising --json` prints and its page shows. */

import type { Interval } from './measure/intervals.ts'

export interface DenoisingPoint {
  readonly cost: number
  /** On held images, in decibels. */
  readonly psnr: number
}

export interface DenoisingRun {
  readonly points: readonly DenoisingPoint[]
  /** The last measurement. */
  readonly final: number
  readonly iterations: number
  readonly steps: number
  readonly sampled: number
  /** Kept over sampled. */
  readonly acceptanceRate: number
}

export interface SeedRun extends DenoisingRun {
  readonly seed: number
}

export interface ArmResult {
  /** Name of the arm. */
  readonly policy: string
  readonly isControl: boolean
  readonly seeds: readonly SeedRun[]
  readonly final: Interval
  /** At equal costs, from 0 to C. */
  readonly band: readonly (Interval & { readonly cost: number })[]
}

/** `a` minus `b` at the end, in decibels, paired over seeds. */
export interface DenoisingDifference extends Interval {
  readonly a: string
  readonly b: string
}

export interface DenoisingResult {
  readonly preset: string
  readonly variant: 'steps' | 'refit'
  /** Steps of the noise, its standard deviation, and the PSNR of the noisy images. */
  readonly noise: number
  readonly sigma: number
  readonly noisyPsnr: number
  readonly basePsnr: number
  readonly cost: number
  readonly batch: number
  readonly arms: readonly ArmResult[]
  readonly differences: readonly DenoisingDifference[]
}

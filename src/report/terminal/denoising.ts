/** The denoising experiment in sentences and tables, for the terminal; the page says the same. */

import type { ArmResult, DenoisingDifference, DenoisingResult } from '../../core/denoising.ts'
import type { Interval } from '../../core/measure/intervals.ts'
import { count, percent } from '../format.ts'
import { type Column, type TextStyle, table, wrap } from './columns.ts'

/** What was done and how to read it, a sentence each. */
export function denoisingSentences(result: DenoisingResult): string[] {
  const { noise, sigma, noisyPsnr, basePsnr, cost, batch, variant, arms } = result
  const seeds = arms[0]?.seeds.length ?? 0
  const counted =
    variant === 'steps'
      ? `n_t counts batches of ${batch} kept images between two refreshes of the model that samples; each is trained on once`
      : `n_t counts batches of ${batch} distinct kept images, which are fitted for a fixed number of steps`
  return [
    `Handwritten digits with the noise of step ${noise} (sigma ${sigma.toFixed(4)}): ${noisyPsnr.toFixed(2)} dB noisy, ${basePsnr.toFixed(2)} dB denoised by the base, which has seen curves alone.`,
    `${counted}. Every run spends ${count(cost)}: 4 a sample, 3 an image trained on. ${seeds === 1 ? 'One seed, so no interval' : `${seeds} seeds, Student's 95% intervals`}; differences are paired over seeds.`,
    'Controls ask whether something else than the policy explains the gain: nothing selected keeps every sample; a rate that falls to 0 takes the noise of the last steps away; never refreshed samples from the base throughout.',
  ]
}

export function renderDenoising(result: DenoisingResult, style: TextStyle): string {
  const lines = [
    ...denoisingSentences(result).flatMap((sentence) => wrap(sentence, style.width)),
    '',
    ...table(armColumns(), result.arms, style),
    '',
    ...table(differenceColumns(), result.differences, style),
  ]
  return lines.join('\n')
}

export function armColumns(): Column<ArmResult>[] {
  const mean = (row: ArmResult, of: (run: ArmResult['seeds'][number]) => number): number =>
    row.seeds.reduce((sum, run) => sum + of(run), 0) / row.seeds.length
  return [
    { title: 'n_t / batch', align: 'left', spare: 0, cell: ({ policy }) => policy },
    { title: 'control', align: 'left', spare: 1, cell: ({ isControl }) => (isControl ? 'yes' : '') },
    { title: 'final dB', align: 'right', spare: 0, cell: ({ final }) => decibels(final) },
    {
      title: 'iterations',
      align: 'right',
      spare: 4,
      cell: (row) => count(Math.round(mean(row, (run) => run.iterations))),
    },
    { title: 'steps', align: 'right', spare: 3, cell: (row) => count(Math.round(mean(row, (run) => run.steps))) },
    { title: 'samples', align: 'right', spare: 2, cell: (row) => count(Math.round(mean(row, (run) => run.sampled))) },
    { title: 'kept', align: 'right', spare: 5, cell: (row) => percent(mean(row, (run) => run.acceptanceRate)) },
  ]
}

export function differenceColumns(): Column<DenoisingDifference>[] {
  return [
    { title: 'difference', align: 'left', spare: 0, cell: ({ a, b }) => `${a} minus ${b}` },
    { title: 'dB', align: 'right', spare: 0, cell: (row) => signed(row.mean) },
    {
      title: '95%',
      align: 'right',
      spare: 0,
      cell: (row) => (row.n < 2 ? '–' : `${signed(row.low)} to ${signed(row.high)}`),
    },
  ]
}

function decibels({ mean, high, n }: Interval): string {
  return n < 2 ? mean.toFixed(2) : `${mean.toFixed(2)} ±${(high - mean).toFixed(2)}`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
}

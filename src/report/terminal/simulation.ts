/** A simulation as a table for the terminal. */

import { count, counted, significant } from '../format.ts'
import { type Column, type Format, paint, type TextStyle, table, wrap } from './columns.ts'

/** A policy in a model that is known exactly; what the table and the page show. */
export interface Simulation {
  /** As it was asked for, for example `exponential:10,1.25`. */
  readonly policy: string
  /** r*: the reward, and the acceptance rate, of the best generator. */
  readonly bestReward: number
  /** lambda: what an iteration leaves of the bias. */
  readonly contraction: number
  /** Row t is the state after iteration t. */
  readonly iterations: readonly SimulatedIteration[]
  readonly totals: { readonly accepted: number; readonly expectedSamples: number }
  /** The gap at which it was to end, and whether it got there. */
  readonly until: { readonly gap: number; readonly reached: boolean } | undefined
  readonly monteCarlo: SimulatedLoop | undefined
}

export interface SimulatedIteration {
  readonly iteration: number
  readonly n: number
  readonly variance: number
  readonly meanSquare: number
  readonly expectedReward: number
  readonly expectedSamples: number
}

/** The real loop, run many times, after its last iteration; `samples` are those of a whole run. */
export interface SimulatedLoop {
  readonly runs: number
  readonly seed: number
  readonly meanSquare: SimulatedMean
  readonly reward: SimulatedMean
  readonly samples: SimulatedMean
}

export interface SimulatedMean {
  readonly mean: number
  readonly standardError: number
  readonly z: number
}

interface Row extends Partial<SimulatedIteration> {
  readonly name: string
  readonly gap?: number
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 't', align: 'right', spare: 0, cell: ({ name }) => name, format: totalFormat },
  { title: 'n_t', align: 'right', spare: 0, cell: ({ n }) => count(n), format: totalFormat },
  { title: 'E N_t', align: 'right', spare: 1, cell: (row) => count(row.expectedSamples), format: totalFormat },
  { title: 'V', align: 'right', spare: 3, cell: ({ variance }) => cell(variance) },
  { title: 'E|theta|^2', align: 'right', spare: 2, cell: ({ meanSquare }) => cell(meanSquare) },
  { title: 'E r', align: 'right', spare: 0, cell: (row) => cell(row.expectedReward) },
  { title: 'r* - E r', align: 'right', spare: 0, cell: ({ gap }) => cell(gap) },
]

function cell(value: number | undefined): string {
  return value === undefined ? '' : significant(value)
}

function totalFormat({ name }: Row): Format | undefined {
  return name === 'total' ? 'bold' : undefined
}

/** An iteration a line, the totals last, and a sentence or two; no line is wider than `width`. */
export function renderSimulation(simulation: Simulation, options: TextStyle): string {
  const style = { ...options, width: Math.max(20, options.width) }
  const rows: Row[] = simulation.iterations.map((row) => ({
    name: String(row.iteration),
    gap: simulation.bestReward - row.expectedReward,
    ...row,
  }))
  const { accepted, expectedSamples } = simulation.totals
  const lines = table(COLUMNS, [...rows, { name: 'total', n: accepted, expectedSamples }], style)
  const sentences = sentencesOn(simulation).flatMap((sentence) => wrap(sentence, style.width))
  return [...lines, '', ...sentences.map((line) => paint(style, 'dim', line))].join('\n')
}

/** What a reader wants to know next to the rows. */
export function sentencesOn({ bestReward, contraction, iterations, until, monteCarlo }: Simulation): string[] {
  const window = `growth between 1 and ${significant(contraction ** -2)} is safe, ${significant(1 / contraction)} leaves the least variance`
  const sentences = [`r* = ${significant(bestReward)}, lambda = ${significant(contraction)}: ${window}.`]
  if (until) {
    sentences.push(
      until.reached
        ? `The gap of ${significant(until.gap)} is reached after ${counted(iterations.length, 'iteration')}.`
        : `The gap of ${significant(until.gap)} is not reached within ${counted(iterations.length, 'iteration')}.`,
    )
  }
  if (monteCarlo) {
    const said = (name: string, it: SimulatedMean): string =>
      `${name} ${significant(it.mean)} ± ${significant(it.standardError)} (z ${it.z.toFixed(2)})`
    const { meanSquare, reward, samples } = monteCarlo
    const means = [said('E|theta|^2', meanSquare), said('E r', reward), said('E sum N', samples)].join(', ')
    sentences.push(`The real loop, ${count(monteCarlo.runs)} runs with seed ${monteCarlo.seed}: ${means}.`)
  }
  return sentences
}

/** The lines that are redrawn while a run continues, and the one line that stays of each iteration. */

import { about, count, duration, percent, points, significant } from '../format.ts'
import { cutTo, paint, type TextStyle } from './columns.ts'
import { iterationName, phaseName, purposeName } from './event-line.ts'
import type { EventOf, Facts, ProgressState } from './progress-state.ts'
import { secondsLeft } from './rate.ts'

const BAR_COLUMNS = 24

/** Two or three lines, none wider than the style allows; empty before the first phase. */
export function renderBlock(
  state: ProgressState,
  style: TextStyle,
  nowMs: number,
  runLeft: number | undefined,
): string[] {
  const { phase, counters } = state
  if (!phase) return []
  const lines = counters?.kind === 'training' ? trainingLines(state, counters) : samplingLines(state, counters)
  const elapsed = duration((nowMs - state.phaseSince) / 1000)
  const heading = `${placeOf(state)}: ${counters?.kind === 'sampling' ? purposeName(counters.purpose) : phaseName(phase.state)}`
  const left = runLeft === undefined ? '' : `, run ${about(runLeft)} left`
  return [
    paint(style, 'bold', cutTo(`${heading} · ${elapsed}${left}`, style.width)),
    ...lines.map((line, i) => {
      const text = cutTo(line, style.width)
      return i === 0 ? paint(style, 'cyan', text) : paint(style, 'dim', text)
    }),
  ]
}

function placeOf({ phase, run }: ProgressState): string {
  if (!phase) return ''
  const attempt = phase.attempt > 0 ? `, attempt ${phase.attempt + 1}` : ''
  if (phase.iteration < 0 || !run) return `${iterationName(phase.iteration)}${attempt}`
  const of = run.iterations === null ? '' : ` of ${run.iterations}`
  return `${iterationName(phase.iteration)} (${phase.iteration + 1}${of}${attempt})`
}

function samplingLines({ meter }: ProgressState, event: EventOf<'sampling'> | undefined): string[] {
  if (!event) return []
  const { accepted, target, sampled, wanted, failed, inFlight } = event
  const share = sampled > 0 ? accepted / sampled : undefined
  const rates = meter.rates()
  const toAccepted = wanted === null
  const done = toAccepted ? accepted : sampled + failed
  const goal = toAccepted ? target : wanted
  const word = event.purpose === 'train' ? 'accepted' : 'correct'
  const figures = toAccepted
    ? `${count(accepted)} / ${count(target)} accepted`
    : `${count(done)} / ${count(goal)} sampled, ${count(accepted)} ${word}`
  // Completions still to draw, at the share of them that has been accepted so far.
  const drawsLeft = toAccepted ? (share ? (goal - done) / share : Number.NaN) : goal - done
  const left = secondsLeft(drawsLeft, rates.done)
  return [
    `${bar(done, goal)} ${figures}${share === undefined ? '' : ` (${event.purpose === 'train' ? 'acceptance ' : ''}${percent(share)})`}`,
    joined([
      rates.done !== undefined && `${count(rates.done)} completions/s`,
      rates.tokens !== undefined && `${count(rates.tokens)} tokens/s`,
      `${count(inFlight)} in flight`,
      failed > 0 && `${count(failed)} failed`,
      left !== undefined && `${about(left)} left`,
    ]),
  ]
}

function trainingLines({ meter }: ProgressState, event: EventOf<'training'>): string[] {
  const rate = meter.rates().done
  const left = secondsLeft(event.steps - event.step, rate)
  return [
    `${bar(event.step, event.steps)} step ${count(event.step)} / ${count(event.steps)}, loss ${significant(event.loss)}`,
    joined([
      rate !== undefined && `${significant(Number(rate.toPrecision(3)))} steps/s`,
      left !== undefined && `${about(left)} left`,
    ]),
  ].filter((line) => line !== '')
}

function joined(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(' · ')
}

/** Full at the goal and beyond, empty where there is none. */
function bar(done: number, goal: number): string {
  const share = goal > 0 ? Math.min(1, Math.max(0, done / goal)) : 0
  const full = Math.floor(share * BAR_COLUMNS)
  return '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full)
}

/** The line that stays: what the iteration brought, and first what people look for. */
export function iterationLine(iteration: number, ending: string, facts: Facts, seconds: number | undefined): string {
  const { sampled, trained, gate, evaluated } = facts
  const parts = [
    evaluated && accuracyWords(evaluated),
    sampled && `${count(sampled.accepted)} of ${count(sampled.sampled)} accepted (${percent(sampled.acceptanceRate)})`,
    trained && `${count(trained.steps)} steps, loss ${significant(trained.loss)}`,
    gate && `gate ${gate.decision} (${points(gate.difference, '-')} points)`,
    seconds !== undefined && duration(seconds),
  ].filter((part) => part !== undefined && part !== false)
  return [`${iterationName(iteration)} ${ending}`.trim(), ...parts].join(' · ')
}

function accuracyWords(event: EventOf<'evaluated'>): string {
  const greedy = event.greedy === null ? '' : `, greedy ${percent(event.greedy)}`
  return `accuracy ${percent(event.accuracy)} (${percent(event.low)} to ${percent(event.high)})${greedy}`
}

/** What progress remembers of the events it has seen: the phase under way, its rates, and what each iteration has brought. */

import type { RunEvent } from '../../core/events.ts'
import { createRateMeter, estimateSeconds, type Finished, type RateMeter } from './rate.ts'

export type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { kind: Kind }>

/** What has been reported of the iteration under way; printed as one line when it ends. */
export interface Facts {
  readonly sampled?: EventOf<'sampled'>
  readonly trained?: EventOf<'trained'>
  readonly gate?: EventOf<'gate'>
  readonly evaluated?: EventOf<'evaluated'>
}

export interface ProgressState {
  run: EventOf<'run-started'> | undefined
  phase: EventOf<'phase'> | undefined
  /** Milliseconds of the clock at the start of the phase and of the iteration. */
  phaseSince: number
  iterationSince: number
  /** Whether this process has done all of the iteration under way. */
  fromStart: boolean
  /** The latest counters of the phase under way. */
  counters: EventOf<'sampling'> | EventOf<'training'> | undefined
  meter: RateMeter
  facts: Facts
  finished: Finished[]
}

export function createProgressState(nowMs: number): ProgressState {
  return {
    run: undefined,
    phase: undefined,
    phaseSince: nowMs,
    iterationSince: nowMs,
    fromStart: false,
    counters: undefined,
    meter: createRateMeter(),
    facts: {},
    finished: [],
  }
}

/** Takes an event in. */
export function remember(state: ProgressState, event: RunEvent, nowMs: number): void {
  switch (event.kind) {
    case 'run-started':
      state.run = event
      return
    case 'phase':
      if (event.iteration !== state.phase?.iteration) {
        state.iterationSince = nowMs
        state.fromStart = event.state === 'planned' || state.run?.resumed === false
        state.facts = {}
      }
      state.phase = event
      startCounting(state, nowMs)
      return
    case 'sampling':
    case 'training':
      if (!sameCount(state.counters, event)) startCounting(state, nowMs)
      state.counters = event
      state.meter.add(readingOf(event))
      return
    case 'sampled':
    case 'trained':
    case 'gate':
    case 'evaluated':
      state.facts = { ...state.facts, [event.kind]: event }
      return
    case 'run-ended':
      state.phase = undefined
      return
    case 'health':
    case 'gate-look':
    case 'iteration-ended':
    case 'note':
      return
  }
}

function startCounting(state: ProgressState, nowMs: number): void {
  state.phaseSince = nowMs
  state.counters = undefined
  state.meter = createRateMeter()
}

/** A phase may count several things one after the other: the gate, the evaluation, the greedy one. */
function sameCount(before: ProgressState['counters'], event: NonNullable<ProgressState['counters']>): boolean {
  if (before === undefined) return true
  if (before.iteration !== event.iteration || event.elapsedMs < before.elapsedMs) return false
  if (before.kind === 'sampling' && event.kind === 'sampling') return before.purpose === event.purpose
  return before.kind === event.kind
}

function readingOf(event: NonNullable<ProgressState['counters']>): { elapsedMs: number; done: number; tokens: number } {
  if (event.kind === 'training') return { elapsedMs: event.elapsedMs, done: event.step, tokens: 0 }
  return { elapsedMs: event.elapsedMs, done: event.sampled + event.failed, tokens: event.tokens }
}

/** Ends the iteration under way; counts its time only where this process did all of it. */
export function finishIteration(state: ProgressState, nowMs: number): void {
  const { facts, phase } = state
  const target = facts.sampled?.accepted
  if (target !== undefined && facts.trained && phase && state.fromStart) {
    state.finished.push({ target, seconds: (nowMs - state.iterationSince) / 1000 })
  }
  state.facts = {}
  state.phase = undefined
  startCounting(state, nowMs)
}

/**
 * Seconds the rest of the run takes, the iteration under way included; undefined while that cannot be told.
 * @param targets n_t by iteration, where the plan knows them
 */
export function runSecondsLeft(
  state: ProgressState,
  targets: readonly (number | null)[] | undefined,
  nowMs: number,
): number | undefined {
  const { phase, run } = state
  if (!phase || !run || phase.iteration < 0 || !targets) return undefined
  const iterations = run.iterations ?? targets.length
  const rest = targets.slice(phase.iteration, iterations)
  const known = rest.filter((target): target is number => target !== null)
  if (rest.length !== iterations - phase.iteration || known.length !== rest.length) return undefined
  const all = estimateSeconds(state.finished, known)
  if (all === undefined) return undefined
  return Math.max(0, all - (nowMs - state.iterationSince) / 1000)
}

/** Events as plain lines, for logs and pipes. */

import type { Purpose } from '../../core/completion.ts'
import type { RunEvent } from '../../core/events.ts'
import type { IterationState } from '../../core/status.ts'
import { amount, count, counted, duration, percent, points, significant } from '../format.ts'
import { visibleLine } from '../visible.ts'

/** One line, without a line break at its end; whatever is in the event cannot steer a terminal. */
export function renderEventLine(event: RunEvent): string {
  return visibleLine(describe(event))
}

function describe(event: RunEvent): string {
  switch (event.kind) {
    case 'run-started': {
      const how = event.resumed ? 'resuming' : 'starting'
      return `${how} ${event.name}: ${event.iterations === null ? 'as many iterations as its cost pays for' : counted(event.iterations, 'iteration')}, in ${event.directory}`
    }
    case 'note':
      return `note: ${event.text}`
    case 'phase':
      return `${iterationName(event.iteration)}: ${phaseName(event.state)}${event.attempt > 0 ? `, attempt ${event.attempt + 1}` : ''}`
    case 'sampling':
      return `${iterationName(event.iteration)}: ${purposeName(event.purpose)}, ${samplingNumbers(event)}`
    case 'sampled':
      return `${iterationName(event.iteration)}: ${counted(event.accepted, 'trace')} accepted out of ${count(event.sampled)} sampled (${percent(event.acceptanceRate)}), ${count(event.surplus)} surplus, ${significant(event.idleSlotSeconds)} idle slot-seconds`
    case 'training':
      return `${iterationName(event.iteration)}: training, step ${count(event.step)} of ${count(event.steps)}, loss ${significant(event.loss)}`
    case 'trained':
      return `${iterationName(event.iteration)}: trained ${counted(event.steps, 'step')} in ${duration(event.seconds)}, loss ${significant(event.loss)}, ${event.checkpoint}`
    case 'decided':
      return `${iterationName(event.iteration)}: ${event.decision.reason}`
    case 'gate-look':
      return `${iterationName(event.iteration)}: gate ${event.decision} at ${counted(event.samples, 'sample')} a problem, ${pointsWithBounds(event)}`
    case 'gate':
      return `${iterationName(event.iteration)}: gate ${event.decision}, ${pointsWithBounds(event)}`
    case 'health':
      return `${iterationName(event.iteration)}: ${healthInWords(event)}`
    case 'evaluated':
      return `${iterationName(event.iteration)}: accuracy ${percent(event.accuracy)} (${percent(event.low)} to ${percent(event.high)})${event.greedy === null ? '' : `, greedy ${percent(event.greedy)}`}, cost so far ${amount(event.cost)}`
    case 'iteration-ended':
      return `${iterationName(event.iteration)}: ${event.state}`
    case 'run-ended':
      // Whoever says the reason says it last.
      if (event.reason === null && event.state !== 'done' && event.report !== null)
        return `report so far: ${event.report}`
      return `run ${event.state}${event.reason === null ? '' : `: ${event.reason}`}${event.report === null ? '' : `; report: ${event.report}`}`
  }
}

function pointsWithBounds({
  difference,
  low,
  high,
}: Pick<Extract<RunEvent, { kind: 'gate' }>, 'difference' | 'low' | 'high'>): string {
  return `${points(difference, '-')} points (${points(low, '-')} to ${points(high, '-')})`
}

function samplingNumbers(event: Extract<RunEvent, { kind: 'sampling' }>): string {
  const failed = event.failed > 0 ? `, ${count(event.failed)} failed` : ''
  const acceptance = event.sampled > 0 ? ` (${percent(event.accepted / event.sampled)})` : ''
  if (event.wanted === null) {
    return `${count(event.accepted)} of ${count(event.target)} accepted, ${count(event.sampled)} sampled${acceptance}${failed}`
  }
  const word = event.purpose === 'train' ? 'accepted' : 'correct'
  return `${count(event.sampled)} of ${count(event.wanted)} sampled, ${count(event.accepted)} ${word}${acceptance}${failed}`
}

function healthInWords(event: Extract<RunEvent, { kind: 'health' }>): string {
  if (event.symptoms.length > 0) return `signs of collapse: ${event.symptoms.join(' ')}`
  const tries = event.samples === 1 ? 'once' : `in ${event.samples} tries`
  return `health: ${percent(event.passAtK)} solved ${tries}, ${percent(event.truncated)} cut off, ${count(event.tokens)} tokens an answer`
}

/** Iterations count from 0; the base comes before them. */
export function iterationName(iteration: number): string {
  return iteration < 0 ? 'base' : `iteration ${iteration}`
}

/** What is being drawn. */
export function purposeName(purpose: Purpose): string {
  return PURPOSE_NAMES[purpose]
}

const PURPOSE_NAMES: Readonly<Record<Purpose, string>> = {
  train: 'sampling',
  gate: 'measuring for the gate',
  evaluate: 'evaluating',
  greedy: 'evaluating, greedy',
  pilot: 'measuring a pilot',
  probe: 'probing',
  hint: 'sampling with hints',
}

/** What happens in a state. */
export function phaseName(state: IterationState): string {
  return PHASE_NAMES[state]
}

const PHASE_NAMES: Readonly<Record<IterationState, string>> = {
  planned: 'getting ready',
  sampling: 'sampling',
  training: 'training',
  serving: 'handing the checkpoint to the server',
  evaluating: 'evaluating',
  done: 'done',
  rejected: 'rejected',
}

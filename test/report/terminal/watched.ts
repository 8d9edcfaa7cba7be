/** A terminal whose progress is watched: events as a run reports them, and what stands on it. */

import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { RunEvent } from '../../../src/core/events.ts'
import { createProgress } from '../../../src/report/terminal/progress.ts'

export type Sampling = Extract<RunEvent, { kind: 'sampling' }>

export const sampling = (change: Partial<Sampling>): Sampling => ({
  kind: 'sampling',
  purpose: 'train',
  iteration: 0,
  accepted: 0,
  target: 500,
  sampled: 0,
  wanted: null,
  failed: 0,
  inFlight: 64,
  tokens: 0,
  elapsedMs: 0,
  ...change,
})

export const started: Extract<RunEvent, { kind: 'run-started' }> = {
  kind: 'run-started',
  name: 'demo',
  directory: 'runs/demo',
  resumed: false,
  iterations: 4,
}
export const phase = (iteration: number, state: 'sampling' | 'training' | 'evaluating' = 'sampling'): RunEvent => ({
  kind: 'phase',
  iteration,
  state,
  attempt: 0,
})

export function watch(interactive: boolean, targets?: readonly number[]) {
  const stream = Object.assign(new PassThrough(), { columns: 90, rows: 30 })
  const written: string[] = []
  stream.on('data', (chunk) => written.push(String(chunk)))
  let nowMs = 0
  const progress = createProgress({ stream, color: false, interactive, now: () => nowMs, targets })
  return {
    progress,
    stream,
    at(ms: number, ...events: RunEvent[]) {
      nowMs = ms
      for (const event of events) progress.handle(event)
    },
    /** Everything written since the last look. */
    look: (): string => stripVTControlCharacters(written.splice(0).join('')),
    writes: (): number => written.length,
  }
}

/** One iteration from its first event to its last. */
export function wholeIteration(
  watched: ReturnType<typeof watch>,
  iteration: number,
  target: number,
  from: number,
  to: number,
) {
  watched.at(
    from,
    phase(iteration),
    {
      kind: 'sampled',
      iteration,
      accepted: target,
      sampled: 2 * target,
      surplus: 3,
      acceptanceRate: 0.5,
      idleSlotSeconds: 0,
      unanswered: 0,
    },
    { kind: 'trained', iteration, checkpoint: 'c', steps: 16, seconds: 2, loss: 0.19 },
  )
  watched.at(to, { kind: 'iteration-ended', iteration, state: 'done' })
}

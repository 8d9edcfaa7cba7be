/** What a run tells on stderr while it continues: a live block on a terminal, plain lines elsewhere. */

import { createLogUpdate } from 'log-update'
import type { RunEvent } from '../../core/events.ts'
import { visibleLine } from '../visible.ts'
import { paint, wrap } from './columns.ts'
import { renderEventLine } from './event-line.ts'
import { iterationLine, renderBlock } from './live-block.ts'
import { createProgressState, finishIteration, remember, runSecondsLeft } from './progress-state.ts'

export interface ProgressOptions {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number | undefined }
  readonly color: boolean
  /** True on a terminal: a block that is redrawn in place; false: lines only. */
  readonly interactive: boolean
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** n_t by iteration, where the plan knows them; without them nothing is said about the run's end. */
  readonly targets?: readonly (number | null)[]
}

export interface Progress {
  /** Takes an event; never throws and never waits. */
  handle(event: RunEvent): void
  /** Leaves the terminal as it should be left. */
  end(): void
}

/** Ten redraws a second look alive; more only cost. */
const REDRAW_MS = 100
/** Between two lines about the same phase where nothing is redrawn. */
const LINE_MS = 10_000
/** Moves the clock in the block on while no events come. */
const TICK_MS = 500

export function createProgress(options: ProgressOptions): Progress {
  const guarded = guard(options.stream)
  const progress = options.interactive ? liveProgress(options, guarded) : lineProgress(options)
  return {
    handle: (event) => guarded(() => progress.handle(event)),
    end: () => guarded(() => progress.end()),
  }
}

/**
 * A reader that has gone (EPIPE) must not end the run: from the first failed write on, nothing is said any more.
 * The listener stays, because a failed write may be reported after the end.
 */
function guard(stream: NodeJS.WritableStream): (write: () => void) => void {
  let broken = false
  stream.on('error', () => {
    broken = true
  })
  return (write) => {
    if (broken) return
    try {
      write()
    } catch {
      broken = true
    }
  }
}

function liveProgress(options: ProgressOptions, guarded: (write: () => void) => void): Progress {
  const { stream, color, now, targets } = options
  const log = createLogUpdate(stream, { showCursor: stream !== process.stderr })
  const state = createProgressState(now())
  let drawnAt = Number.NEGATIVE_INFINITY
  // One column stays free: a full line makes some terminals break it.
  const width = (): number => Math.max(20, (stream.columns ?? 80) - 1)

  const draw = (): void => {
    drawnAt = now()
    const style = { color, width: width() }
    const block = renderBlock(state, style, now(), runSecondsLeft(state, targets, now()))
    if (block.length > 0) log(block.join('\n'))
    else log.clear()
  }
  const keep = (line: string, format: Parameters<typeof paint>[1] = 'reset'): void => {
    // What stays may take several lines; only what is redrawn has to know its height.
    const text = wrap(visibleLine(line), width() - 2).join('\n  ')
    log.persist(format === 'reset' ? text : paint({ color }, format, text))
    drawnAt = Number.NEGATIVE_INFINITY
  }
  const timer = setInterval(() => guarded(draw), TICK_MS)
  timer.unref()

  return {
    handle(event) {
      const { meter } = state
      remember(state, event, now())
      switch (event.kind) {
        case 'run-started':
        case 'run-ended':
          keep(renderEventLine(event), 'bold')
          break
        case 'note':
          keep(renderEventLine(event), 'dim')
          break
        case 'evaluated':
          if (event.iteration < 0) keep(iterationLine(event.iteration, '', { evaluated: event }, undefined))
          break
        case 'iteration-ended': {
          const watched = state.phase?.iteration === event.iteration
          const seconds = watched ? (now() - state.iterationSince) / 1000 : undefined
          const line = iterationLine(event.iteration, event.state, watched ? state.facts : {}, seconds)
          keep(line, event.state === 'rejected' ? 'red' : 'reset')
          finishIteration(state, now())
          break
        }
        default:
          break
      }
      // A new meter: something else is counted from here on.
      if (state.meter !== meter || now() - drawnAt >= REDRAW_MS) draw()
    },
    end() {
      clearInterval(timer)
      log.clear()
      log.done()
    },
  }
}

/** One line for every phase and result; about what is counted, one every ten seconds at most. */
function lineProgress({ stream, now }: ProgressOptions): Progress {
  let saidAt = now()
  return {
    handle(event) {
      const isCount = event.kind === 'sampling' || event.kind === 'training'
      if (isCount && now() - saidAt < LINE_MS) return
      saidAt = now()
      stream.write(`${renderEventLine(event)}\n`)
    },
    end() {},
  }
}

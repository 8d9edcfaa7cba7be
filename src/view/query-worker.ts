/**
 * Answers questions about runs in a thread of its own, so that no query holds up the server, and one that takes too long
 * can be ended. Keeps the columns of the runs it was asked about.
 */

import { parentPort } from 'node:worker_threads'
import { messageOf } from '../core/errors.ts'
import type { Asked, BrowsingKind, Reply, SummingKind } from './protocol.ts'
import type { RunView } from './run-view.ts'
import type { Place } from './summing.ts'

/** Runs that are held open at once; the one that was asked about the longest ago is closed for another. */
const MOST_OPEN = 3
/** Milliseconds after which a run is looked at again for what other processes have written. */
const FRESH_MS = 300

interface Held {
  readonly view: RunView
  freshAt: number
  isLoading: boolean
}

const held = new Map<string, Held>()
const port = parentPort
if (!port) throw new Error('query-worker.ts runs as a worker')

port.on('message', (asked: Asked) => {
  answer(asked).then(
    (value) => port.postMessage({ id: asked.id, ok: true, value } satisfies Reply),
    (error: unknown) => {
      const message = messageOf(error)
      port.postMessage({ id: asked.id, ok: false, message } satisfies Reply)
    },
  )
})

async function answer({ question }: Asked): Promise<unknown> {
  switch (question.to) {
    case 'browsing':
      return browse(question.kind, question.place.directory, question.about)
    case 'summing':
      return sum(question.kind, question.place, question.about)
    case 'comparing':
      return (await import('./summing.ts')).compare(question.a, question.b, question.about)
  }
}

async function browse(kind: BrowsingKind, directory: string, about: unknown): Promise<unknown> {
  // Each thread loads what its questions need: one is asked about columns, the other about folders.
  const { BROWSING } = await import('./browsing.ts')
  const run = open(directory, (await import('./run-view.ts')).openRunView)
  if (Date.now() - run.freshAt >= FRESH_MS && !run.isLoading) {
    run.view.refresh()
    run.freshAt = Date.now()
  }
  const handler = BROWSING[kind] as (view: RunView, about: unknown) => unknown
  try {
    return handler(run.view, about)
  } catch (error) {
    // What is held may belong to a database that was replaced: it is opened again for the next question.
    forget(directory)
    throw run.view.store.explain(error)
  }
}

async function sum(kind: SummingKind, place: Place, about: unknown): Promise<unknown> {
  const { SUMMING } = await import('./summing.ts')
  const handler = SUMMING[kind] as (place: unknown, about: unknown) => unknown
  return handler(place, about)
}

function open(directory: string, openRunView: (directory: string) => RunView): Held {
  const known = held.get(directory)
  if (known) {
    held.delete(directory)
    held.set(directory, known)
    return known
  }
  if (held.size >= MOST_OPEN) forget([...held.keys()][0] ?? '')
  const run: Held = { view: openRunView(directory), freshAt: 0, isLoading: true }
  held.set(directory, run)
  load(directory, run)
  return run
}

function forget(directory: string): void {
  held.get(directory)?.view.close()
  held.delete(directory)
}

/** A slice at a time, so that questions are answered in between. */
function load(directory: string, run: Held): void {
  if (held.get(directory) !== run) return
  const until = performance.now() + 25
  let more = true
  while (more && performance.now() < until) more = run.view.load()
  if (more) setImmediate(() => load(directory, run))
  else run.isLoading = false
}

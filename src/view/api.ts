/** The viewer's interface for programs: every address under /api, answered in JSON. */

import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Asker } from './ask.ts'
import { TooLate, Unanswerable } from './ask.ts'
import { pulses, stampOf } from './events.ts'
import type { BrowsingKind, SummingKind } from './protocol.ts'
import type { RunRegistry } from './registry.ts'
import {
  auditAskedOf,
  BadRequest,
  idOf,
  labelOf,
  pageOf,
  problemsAskedOf,
  purposeOf,
  refOf,
  traceQueryOf,
} from './requests.ts'
import type { Place } from './summing.ts'
import { ASK_AGAIN_HEADER } from './wire.ts'

export interface ApiTools {
  readonly runs: RunRegistry
  /** For lists, counts and single traces: quick, with what it has in memory. */
  readonly browser: Asker
  /** For summaries that go through a whole run. */
  readonly summer: Asker
}

/** Milliseconds after which a summary that takes long is rebuilt; it is made again only after ten times its own duration. */
const FRESH_MS = 1_000

export function createApi({ runs, browser, summer }: ApiTools): Hono {
  const api = new Hono()
  const summaries = createSummaries(summer)
  const browse = (kind: BrowsingKind, place: Place, about: unknown): Promise<unknown> =>
    browser.ask({ to: 'browsing', kind, place, about })
  const placeOf = (name: string): Place => {
    const place = runs.find(name)
    if (!place) throw new NotFound(`There is no run ${name} here.`)
    runs.touch(place)
    return place
  }

  api.get('/runs', async (c) => {
    const rows = runs.all().map((place) => summaries.get('brief', place))
    const answer = await Promise.all(rows.map(({ value }) => value))
    return c.json(answer, 200, againIn(Math.min(...rows.map(({ staleMs }) => staleMs ?? Number.POSITIVE_INFINITY))))
  })
  for (const kind of ['status', 'overview', 'measured'] as const) {
    api.get(`/runs/:name/${kind}`, async (c) => {
      const { value, staleMs } = summaries.get(kind, placeOf(c.req.param('name')))
      return c.json(await value, 200, againIn(staleMs ?? Number.POSITIVE_INFINITY))
    })
  }
  api.get('/runs/:name/fixtures', async (c) =>
    c.json(
      await summer.ask({ to: 'summing', kind: 'fixtures', place: placeOf(c.req.param('name')), about: undefined }),
    ),
  )
  api.get('/runs/:name/traces', async (c) => {
    const parameters = c.req.queries()
    const about = { query: traceQueryOf(parameters), ...pageOf(parameters) }
    return c.json(await browse('page', placeOf(c.req.param('name')), about))
  })
  api.get('/runs/:name/facets', async (c) =>
    c.json(await browse('facets', placeOf(c.req.param('name')), { query: traceQueryOf(c.req.queries()) })),
  )
  api.get('/runs/:name/traces/:id', async (c) => {
    const parameters = c.req.queries()
    const isInList = parameters.in?.[0] === 'list'
    const about = { id: idOf(c.req.param('id')), query: isInList ? traceQueryOf(parameters) : undefined }
    return c.json(found(await browse('trace', placeOf(c.req.param('name')), about), 'trace'))
  })
  api.get('/runs/:name/problems', async (c) =>
    c.json(await browse('problems', placeOf(c.req.param('name')), problemsAskedOf(c.req.queries()))),
  )
  api.get('/runs/:name/problems/:id{.+}', async (c) =>
    c.json(found(await browse('problem', placeOf(c.req.param('name')), { id: c.req.param('id') }), 'problem')),
  )
  api.get('/runs/:name/audit', async (c) =>
    c.json(await browse('audit', placeOf(c.req.param('name')), auditAskedOf(c.req.queries()))),
  )
  api.get('/runs/:name/audit/:id', async (c) =>
    c.json(found(await browse('auditItem', placeOf(c.req.param('name')), { id: idOf(c.req.param('id')) }), 'trace')),
  )
  api.post('/runs/:name/labels', async (c) => {
    const label = labelOf(await c.req.json().catch(() => undefined))
    const place = placeOf(c.req.param('name'))
    const { written } = (await summer.ask({ to: 'summing', kind: 'label', place, about: label })) as {
      written: boolean
    }
    if (!written) throw new NotFound(`There is no trace ${label.trace} in this run.`)
    return c.json(label)
  })
  api.get('/diff', async (c) => {
    const parameters = c.req.queries()
    const [a, b] = [refOf(parameters, 'a'), refOf(parameters, 'b')]
    const about = { a: a.point, b: b.point, purpose: purposeOf(parameters) }
    return c.json(await summer.ask({ to: 'comparing', a: placeOf(a.run), b: placeOf(b.run), about }))
  })
  api.get('/runs/:name/events', (c) => {
    const { directory } = placeOf(c.req.param('name'))
    const last = c.req.header('last-event-id')
    const from = last !== undefined && /^\d{1,15}$/.test(last) ? Number(last) : undefined
    return streamSSE(c, async (stream) => {
      const gone = new AbortController()
      stream.onAbort(() => gone.abort())
      for await (const pulse of pulses(directory, from, gone.signal)) {
        if (pulse.kind === 'line') await stream.writeSSE({ data: pulse.line, id: String(pulse.offset) })
        else await stream.writeSSE({ event: pulse.kind, data: '' })
      }
    })
  })
  api.notFound((c) => c.json({ error: 'There is nothing at this address.' }, 404))
  api.onError((error, c) => {
    if (error instanceof BadRequest) return c.json({ error: error.message }, 400)
    if (error instanceof NotFound) return c.json({ error: error.message }, 404)
    if (error instanceof TooLate) return c.json({ error: error.message }, 503)
    if (error instanceof Unanswerable) return c.json({ error: error.message }, 422)
    return c.json({ error: `Unexpected error: ${error.message}` }, 500)
  })
  return api
}

/** Nothing is there; its message is a sentence. */
class NotFound extends Error {}

/** @throws NotFound */
function found<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new NotFound(`There is no such ${what} in this run.`)
  return value
}

interface Summary {
  readonly value: Promise<unknown>
  /** Milliseconds after which a newer one can be had; undefined where the run has not changed since. */
  readonly staleMs: number | undefined
}

interface Summaries {
  get(kind: SummingKind, place: Place): Summary
}

/** Many pages ask for one summary: it is made once, and no more often than it is worth. Who gets an old one is told when to ask again. */
function createSummaries(summer: Asker): Summaries {
  const made = new Map<string, { readonly value: Promise<unknown>; readonly stamp: string; until: number }>()
  return {
    get(kind, place) {
      const key = `${kind} ${place.directory}`
      const known = made.get(key)
      const [now, stamp] = [Date.now(), stampOf(place.directory)]
      if (known && now < known.until) {
        const leftMs = Number.isFinite(known.until) ? known.until - now : FRESH_MS
        return { value: known.value, staleMs: known.stamp === stamp ? undefined : leftMs }
      }
      const entry = {
        value: summer.ask({ to: 'summing', kind, place, about: undefined }, SUMMARY_DEADLINE_MS),
        stamp,
        until: Number.POSITIVE_INFINITY,
      }
      made.set(key, entry)
      entry.value.then(
        () => {
          entry.until = Date.now() + Math.min(MOST_STALE_MS, Math.max(FRESH_MS, 10 * (Date.now() - now)))
        },
        () => made.delete(key),
      )
      return { value: entry.value, staleMs: undefined }
    },
  }
}

/** The header by which a page knows that its answer is an old one; none for Infinity. */
function againIn(ms: number): Record<string, string> {
  return Number.isFinite(ms) ? { [ASK_AGAIN_HEADER]: String(Math.ceil(ms)) } : {}
}

/** However long a summary takes to make, what a page shows is no older. */
const MOST_STALE_MS = 15_000

const SUMMARY_DEADLINE_MS = 60_000

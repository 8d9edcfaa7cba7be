/** The first meeting with an endpoint: its record is read or probed, and from then on it is asked and steered accordingly. */

import type { Dispatcher } from 'undici'
import type { Endpoint } from '../../core/endpoint.ts'
import type { SampleRequest } from '../../core/sampler.ts'
import type { Limiter } from '../limiter.ts'
import type { Dialect } from '../protocol/dialect.ts'
import type { Api } from '../protocol/wire.ts'
import { dialectOf, probeCapabilities, readMetrics } from './capabilities.ts'
import type { CapabilityRecords } from './records.ts'

export interface Introduction {
  /** Resolves at once but for the first requests, which wait for the probe. @throws the signal's reason */
  made(request: SampleRequest, model: string, signal: AbortSignal): Promise<Dialect>
  close(): void
}

export interface IntroductionOptions {
  readonly endpoint: Endpoint
  /** What its record is kept under, for many that are alike; undefined: its address. */
  readonly kind: string | undefined
  readonly api: Api
  readonly timeoutMs: number
  readonly dispatcher: Dispatcher
  /** How it is asked before anything is known. */
  readonly dialect: Dialect
  /** undefined: nothing is probed. */
  readonly records: CapabilityRecords | undefined
  /** Steered by the engine's metrics where there are any; undefined for a fixed number. */
  readonly limiter: Limiter | undefined
  readonly inFlight: () => number
  /** Told what people should know of the endpoint. */
  readonly onNote: (text: string) => void
}

const LOOK_MS = 5_000
/** A probe is no reason to wait for long. */
const PROBE_MS = 60_000

export function createIntroduction(options: IntroductionOptions): Introduction {
  const { endpoint, api, dialect, records, dispatcher, kind = endpoint.baseURL } = options
  const ended = new AbortController()
  let known: Dialect | undefined = records === undefined ? dialect : undefined
  let meeting: Promise<Dialect | undefined> | undefined
  let unanswered = 0
  let timer: NodeJS.Timeout | undefined

  async function meet({ parameters }: SampleRequest, model: string): Promise<Dialect | undefined> {
    const probe = { api, parameters, timeoutMs: Math.min(PROBE_MS, options.timeoutMs) }
    const stored = records?.read(kind)
    const capabilities = stored ?? (await probeCapabilities(endpoint, model, probe, ended.signal))
    if (capabilities === undefined) {
      // Nobody to meet, for now: the request finds out what is wrong, and the next one introduces itself again.
      unanswered++
      meeting = undefined
      return undefined
    }
    const requests = capabilities.requests + unanswered
    if (!stored) records?.write(kind, model, { ...capabilities, requests })
    if (capabilities.metrics === 'yes' && options.limiter) watchMetrics(options.limiter)
    if (!stored && capabilities.refused.length > 0) options.onNote(leftOut(endpoint, capabilities.refused))
    known = dialectOf(capabilities, dialect)
    return known
  }

  function watchMetrics(limiter: Limiter): void {
    let preemptions: number | undefined
    let queuedFor = 0
    const look = async (): Promise<void> => {
      if (options.inFlight() === 0) return
      const seen = await readMetrics(endpoint, dispatcher, ended.signal).catch(() => undefined)
      if (seen === undefined) return
      queuedFor = seen.waiting > seen.running / 2 ? queuedFor + 1 : 0
      const newPreemptions = Math.max(0, seen.preemptions - (preemptions ?? seen.preemptions))
      preemptions = seen.preemptions
      limiter.looked({ ...seen, newPreemptions, queuedFor }, options.inFlight())
    }
    timer = setInterval(() => void look(), LOOK_MS)
    timer.unref()
  }

  return {
    async made(request, model, signal) {
      if (known) return known
      meeting ??= meet(request, model)
      const met = await meeting
      signal.throwIfAborted()
      return met ?? dialect
    },
    close() {
      clearInterval(timer)
      ended.abort(new Error('The sampler was closed while it was in use.'))
    },
  }
}

function leftOut({ baseURL }: Endpoint, refused: readonly string[]): string {
  const seed = refused.includes('seed')
    ? ' Without a seed nothing can be sampled again as it was; what is stored counts.'
    : ''
  return `${baseURL} refuses ${refused.join(', ')}, so requests are sent without.${seed}`
}

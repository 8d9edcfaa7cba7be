/** What a run reports while one looks at it: its events, and a beat whenever its database changes. */

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RunEvent } from '../../core/events.ts'

export type TimedEvent = RunEvent & { readonly at: string }

/** The newest last. */
export const events = signal<readonly TimedEvent[]>([])
/** Grows when anything may have changed, at most once a second. */
export const beat = signal(0)
export const isConnected = signal(false)

const MOST_EVENTS = 400
const BEAT_MS = 1_000

/** Listens to a run for as long as a page of it is shown; the browser connects again by itself. */
export function useLive(run: string | undefined): void {
  useEffect(() => {
    events.value = []
    isConnected.value = false
    if (run === undefined) return
    const source = new EventSource(`/api/runs/${encodeURIComponent(run)}/events`)
    let timer: ReturnType<typeof setTimeout> | undefined
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined
        beat.value++
      }, BEAT_MS)
    }
    source.onopen = () => {
      isConnected.value = true
    }
    source.onerror = () => {
      isConnected.value = false
    }
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const event = parse(data)
      if (event) events.value = [...events.value, event].slice(-MOST_EVENTS)
      soon()
    }
    source.addEventListener('changed', soon)
    return () => {
      source.close()
      clearTimeout(timer)
    }
  }, [run])
}

function parse(line: string): TimedEvent | undefined {
  try {
    return JSON.parse(line) as TimedEvent
  } catch {
    // A line that a killed process left half.
    return undefined
  }
}

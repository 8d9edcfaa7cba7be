/** Asking the server: the newest question wins, and what went wrong is a sentence. */

import { type Signal, signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ASK_AGAIN_HEADER, type Refusal } from '../wire.ts'

/** What is known of an answer; the last one stays in sight while the next is on its way. */
export interface Loaded<T> {
  readonly value: T | undefined
  readonly error: string | undefined
  readonly isLoading: boolean
}

const BEFORE: Loaded<never> = { value: undefined, error: undefined, isLoading: true }

/** True while the server does not answer at all. */
export const isOffline = signal(false)

/** @throws Error with a sentence; AbortError when it was given up */
export async function ask<T>(address: string, signalOf?: AbortSignal): Promise<T> {
  return (await answerTo<T>(address, signalOf)).value
}

interface Answer<T> {
  readonly value: T
  /** Milliseconds after which a newer one can be had; NaN where this is the newest. */
  readonly againMs: number
}

async function answerTo<T>(address: string, signalOf?: AbortSignal): Promise<Answer<T>> {
  let response: Response
  try {
    response = await fetch(address, { signal: signalOf ?? null, headers: { accept: 'application/json' } })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    isOffline.value = true
    throw new Error('The viewer does not answer; is spendwise view still running?')
  }
  isOffline.value = false
  const body = (await response.json()) as T | Refusal
  if (!response.ok) throw new Error((body as Refusal).error)
  return { value: body as T, againMs: Number(response.headers.get(ASK_AGAIN_HEADER) ?? Number.NaN) }
}

/** @throws Error with a sentence */
export async function send(address: string, body: unknown): Promise<void> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(((await response.json()) as Refusal).error)
}

/**
 * The answer at an address, asked again when the address or the beat changes.
 * @param beat any number that grows when the answer may have changed
 */
export function useAnswer<T>(address: string | undefined, beat = 0): Signal<Loaded<T>> {
  const state = useSignal<Loaded<T>>(BEFORE)
  const asked = useSignal('')
  const again = useSignal(0)
  // The address is a dependency, and what is shown of another address is forgotten.
  useEffect(() => {
    if (address === undefined) return
    const control = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    if (asked.peek() !== address) state.value = BEFORE
    asked.value = address
    answerTo<T>(address, control.signal).then(
      ({ value, againMs }) => {
        state.value = { value, error: undefined, isLoading: false }
        // The run may never change again, and this is not its last word.
        if (againMs >= 0 && !control.signal.aborted) timer = setTimeout(() => again.value++, againMs)
      },
      (error: Error) => {
        if (error.name !== 'AbortError')
          state.value = { value: state.peek().value, error: error.message, isLoading: false }
      },
    )
    return () => {
      control.abort()
      clearTimeout(timer)
    }
  }, [address, beat, again.value])
  return state
}

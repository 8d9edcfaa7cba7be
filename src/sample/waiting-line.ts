/** Requests that wait for a place at an endpoint: first come, first served, and none forgotten. */

import { onAbort } from './on-abort.ts'

export interface WaitingLine<T> {
  /** Resolves when a place has been given. @throws the signal's reason, or what `fail` was given */
  wait(place: () => T | undefined, signal: AbortSignal): Promise<T>
  /** Gives out places from the front until the first one finds none. */
  move(): void
  /** Sends everybody away. */
  fail(error: unknown): void
  readonly length: () => number
}

interface Waiting<T> {
  readonly place: () => T | undefined
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

export function createWaitingLine<T>(): WaitingLine<T> {
  // A set keeps the order and lets those who give up leave from the middle.
  const line = new Set<Waiting<T>>()
  return {
    wait(place, signal) {
      return new Promise<T>((resolve, reject) => {
        const leave = (): void => {
          line.delete(waiting)
          stopListening()
        }
        const waiting: Waiting<T> = {
          place,
          resolve(value) {
            leave()
            resolve(value)
          },
          reject(error) {
            leave()
            reject(error)
          },
        }
        const stopListening = onAbort(signal, () => waiting.reject(signal.reason))
        line.add(waiting)
      })
    },
    move() {
      for (const waiting of line) {
        const place = waiting.place()
        if (place === undefined) return
        waiting.resolve(place)
      }
    },
    fail(error) {
      for (const waiting of line) waiting.reject(error)
    },
    length: () => line.size,
  }
}

/**
 * Many who want to know of one signal's abort. An `AbortSignal` looks through all its listeners whenever one comes or goes, which
 * with ten thousand requests in flight is most of what a client does; here each has one listener while anybody waits, and a set
 * behind it.
 */

interface Waiting {
  readonly calls: Set<() => void>
  readonly callAll: () => void
}

const waiting = new WeakMap<AbortSignal, Waiting>()

/** Calls back once when the signal is aborted; not where it has been already. @returns what takes the wish back */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  const { calls, callAll } = waiting.get(signal) ?? listen(signal)
  const own = (): void => call()
  calls.add(own)
  return () => {
    calls.delete(own)
    if (calls.size > 0) return
    signal.removeEventListener('abort', callAll)
    waiting.delete(signal)
  }
}

function listen(signal: AbortSignal): Waiting {
  const calls = new Set<() => void>()
  const callAll = (): void => {
    // Whoever is called may take back the wish of another.
    for (const one of calls) one()
    calls.clear()
  }
  signal.addEventListener('abort', callAll, { once: true })
  const made = { calls, callAll }
  waiting.set(signal, made)
  return made
}

/**
 * Many who want to know of one signal's abort. An `AbortSignal` looks through all its listeners whenever one comes or goes, which
 * with ten thousand requests in flight is most of what a client does; here each has one listener, and a set behind it.
 */

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back once when the signal is aborted; not where it has been already. @returns what takes the wish back */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  let calls = waiting.get(signal)
  if (calls === undefined) {
    const all = new Set<() => void>()
    calls = all
    waiting.set(signal, all)
    const callAll = (): void => {
      // Whoever is called may take back the wish of another.
      for (const one of all) one()
      all.clear()
    }
    signal.addEventListener('abort', callAll, { once: true })
  }
  const own = (): void => call()
  calls.add(own)
  return () => calls.delete(own)
}

/**
 * Virtual time for loads with tens of thousands of timers: the clock of this process, by a heap, where the fakes of the test runner
 * look through all timers for the next.
 */

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
  isCleared: boolean
}

export interface VirtualClock {
  now(): number
  /** Lets so many milliseconds pass, with all that happens in them. */
  advance(ms: number): Promise<void>
  /** Gives the process its own time back. */
  restore(): void
}

/** Takes over `setTimeout`, `setInterval`, `performance.now` and `Date.now`. */
export function installVirtualClock(): VirtualClock {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, now: performance.now, date: Date.now }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const heap = createHeap()
  let [now, order] = [0, 0]

  const add = (run: () => void, ms: number): Timer => {
    const timer = { at: now + Math.max(0, ms), order: order++, run, isCleared: false }
    heap.push(timer)
    return timer
  }
  const handleOf = (timer: { isCleared: boolean }): object =>
    Object.assign(timer, { unref: () => timer, ref: () => timer, hasRef: () => true })
  const clear = (handle: unknown): void => {
    if (typeof handle === 'object' && handle !== null) (handle as Timer).isCleared = true
  }
  const every = (run: () => void, ms: number): object => {
    const handle = { isCleared: false }
    const again = (): void => {
      if (handle.isCleared) return
      run()
      add(again, Math.max(1, ms))
    }
    add(again, Math.max(1, ms))
    return handleOf(handle)
  }
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0) => handleOf(add(run, ms)),
    clearTimeout: clear,
    setInterval: every,
    clearInterval: clear,
  })
  performance.now = () => now
  Date.now = () => 1_700_000_000_000 + now

  return {
    now: () => now,
    async advance(ms) {
      const end = now + ms
      for (let next = heap.top(); next !== undefined && next.at <= end; next = heap.top()) {
        now = next.at
        // All that is due at once, and then what follows from it.
        for (let due = heap.top(); due !== undefined && due.at <= now; due = heap.top()) {
          heap.pop()
          if (!due.isCleared) due.run()
        }
        await settled()
      }
      now = end
    },
    restore() {
      const { now, date, ...timers } = real
      Object.assign(globalThis, timers)
      performance.now = now
      Date.now = date
    },
  }
}

function createHeap(): { push(timer: Timer): void; top(): Timer | undefined; pop(): void } {
  const items: Timer[] = []
  const isBefore = (a: Timer | undefined, b: Timer | undefined): boolean =>
    a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))
  const swap = (i: number, j: number): void => {
    const [a, b] = [items[i], items[j]]
    if (a === undefined || b === undefined) return
    items[i] = b
    items[j] = a
  }
  return {
    top: () => items[0],
    push(timer) {
      let i = items.push(timer) - 1
      for (let parent = (i - 1) >> 1; i > 0 && isBefore(items[i], items[parent]); parent = (i - 1) >> 1) {
        swap(i, parent)
        i = parent
      }
    },
    pop() {
      const last = items.pop()
      if (last === undefined || items.length === 0) return
      items[0] = last
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2]
        const least = isBefore(items[right], items[left]) ? right : left
        if (!isBefore(items[least], items[i])) return
        swap(i, least)
        i = least
      }
    },
  }
}

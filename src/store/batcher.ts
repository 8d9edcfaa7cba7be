/** Collects single items into batches, so that a million small writes become thousands of transactions. */

export interface Batcher<I, O> {
  /** Resolves when the item's batch is done. */
  add(item: I): Promise<O>
  /** Resolves when everything added so far is done. */
  flush(): Promise<void>
}

interface Waiting<I, O> {
  readonly item: I
  readonly resolve: (value: O) => void
  readonly reject: (reason: unknown) => void
}

/**
 * @param run handles a batch and returns one result an item, in order; batches run one after the other
 * @param limits `size` items or `delayMs` after the first one, whichever comes first
 */
export function createBatcher<I, O>(
  run: (items: readonly I[]) => readonly O[] | Promise<readonly O[]>,
  limits: { readonly size: number; readonly delayMs: number },
): Batcher<I, O> {
  let waiting: Waiting<I, O>[] = []
  let timer: NodeJS.Timeout | undefined
  let chain: Promise<void> = Promise.resolve()

  const start = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    chain = chain.then(() => settle(batch, run))
  }
  return {
    add(item) {
      return new Promise<O>((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        if (waiting.length >= limits.size) start()
        else timer ??= setTimeout(start, limits.delayMs)
      })
    },
    async flush() {
      start()
      await chain
    },
  }
}

async function settle<I, O>(
  batch: readonly Waiting<I, O>[],
  run: (items: readonly I[]) => readonly O[] | Promise<readonly O[]>,
): Promise<void> {
  try {
    const results = await run(batch.map((waiting) => waiting.item))
    if (results.length !== batch.length) throw new Error(`${batch.length} items gave ${results.length} results`)
    for (const [i, result] of results.entries()) batch[i]?.resolve(result)
  } catch (error) {
    for (const waiting of batch) waiting.reject(error)
  }
}

/** Verifier threads that can be killed: batches in, verdicts out in the same order, and one bad text harms no other. */

import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tinypool } from 'tinypool'
import { codeOf } from '../core/errors.ts'
import { CHECKER, type JudgeOptions } from './decide.ts'
import type { Batch, Pair, TimedJudgement } from './worker.ts'

export interface VerifierPoolOptions {
  /** Default: one less than the machine's cores, at least 1. */
  readonly threads?: number
  /**
   * Time one pair may take before its thread is killed; default 2000. The kill comes within a quarter more; later where the
   * process has hardly been given a core meanwhile, so that a busy machine makes no verdict.
   */
  readonly timeoutMs?: number
  /** Heap of one thread in MiB; a pair that needs more is `too-large`. Default 256. */
  readonly memoryMb?: number
  readonly judge?: JudgeOptions
  /** Threads run through the usual kinds of answers when they start: 0.2 s each, for a first thousand verdicts at nearly the speed of later ones. */
  readonly warmUp?: boolean
  /** Module whose default export takes a Batch; default: the checker's own. */
  readonly workerUrl?: URL
}

export interface VerifierPool {
  /**
   * Verdicts of `pairs`, in their order. Never rejects because of a text: a pair that hangs is `timeout`, one that
   * exhausts the thread's memory is `too-large`, and the rest of its batch is judged again in a new thread.
   * @throws the signal's reason when aborted; whatever the worker module throws when it cannot be loaded
   */
  verify(pairs: readonly Pair[], signal?: AbortSignal): Promise<TimedJudgement[]>
  /** Ends all threads; nothing is left that keeps the process alive. */
  close(): Promise<void>
}

// What a batch leaves behind is short-lived; without a bound a thread takes three times as much over a long run.
const YOUNG_MB = 16

// Large enough that messages cost little beside the work, small enough to spread over threads and to repeat cheaply.
const PAIRS_PER_BATCH = 128
const CHARACTERS_PER_BATCH = 1_000_000

export function createVerifierPool(options: VerifierPoolOptions = {}): VerifierPool {
  const threads = options.threads ?? Math.max(1, availableParallelism() - 1)
  const timeoutMs = options.timeoutMs ?? 2_000
  const own = options.warmUp
    ? new URL(`./warm-worker${import.meta.url.slice(-3)}`, import.meta.url)
    : new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url)
  const filename = (options.workerUrl ?? own).href
  // minThreads keeps the number up: a thread that was killed is replaced at once, also while batches wait.
  const pool = new Tinypool({
    minThreads: threads,
    maxThreads: threads,
    // Loaded as a thread starts: it need not wait for a batch to warm up.
    ...(options.warmUp ? { filename } : {}),
    // Flags of the main process (an --eval, an inspector's port) are not meant for its threads.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMb ?? 256, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  // A thread that dies without a batch has harmed nobody; one with a batch rejects that batch, which is handled below.
  pool.on('error', () => {})

  /** Judges one batch, and what is left of it again each time a thread dies of one of its pairs. */
  async function verifyBatch(pairs: readonly Pair[], signal: AbortSignal | undefined): Promise<TimedJudgement[]> {
    const progress = new Int32Array(new SharedArrayBuffer(4))
    const outcome = await runWatched({ pairs, options: options.judge ?? {}, progress }, signal)
    if (outcome.kind === 'done') return outcome.verdicts
    const { guilty } = outcome
    const rest = pairs.toSpliced(guilty, 1)
    const verdicts = rest.length === 0 ? [] : await verifyBatch(rest, signal)
    return verdicts.toSpliced(guilty, 0, outcome.verdict)
  }

  async function runWatched(batch: Batch, signal: AbortSignal | undefined): Promise<Outcome> {
    const kill = new AbortController()
    const finished = new AbortController()
    const watching = watch(batch.progress, timeoutMs, finished.signal).then((guilty) => {
      if (guilty !== undefined) kill.abort()
      return guilty
    })
    try {
      const either = signal ? AbortSignal.any([signal, kill.signal]) : kill.signal
      const verdicts: TimedJudgement[] = await pool.run(batch, { filename, signal: either })
      return { kind: 'done', verdicts }
    } catch (error) {
      signal?.throwIfAborted()
      const guilty = kill.signal.aborted ? await watching : undefined
      if (guilty !== undefined) {
        return { kind: 'died', guilty, verdict: withoutAnswer('timeout', 'limit:time', timeoutMs) }
      }
      const last = Atomics.load(batch.progress, 0)
      if (!isOutOfMemory(error) || last === 0) throw error
      return { kind: 'died', guilty: last - 1, verdict: withoutAnswer('too-large', 'limit:memory', 0) }
    } finally {
      finished.abort()
    }
  }

  return {
    async verify(pairs, signal) {
      signal?.throwIfAborted()
      const verdicts = await Promise.all(splitPairs(pairs).map((part) => verifyBatch(part, signal)))
      return verdicts.flat()
    },
    close: () => pool.destroy(),
  }
}

type Outcome =
  | { readonly kind: 'done'; readonly verdicts: TimedJudgement[] }
  | { readonly kind: 'died'; readonly guilty: number; readonly verdict: TimedJudgement }

/** Share of the time that a thread which hangs has computed, if it was let; and how many times the time it may take in any case. */
const COMPUTED_SHARE = 0.5
const MOST_PATIENCE = 20

/**
 * Looks at the progress four times per limit and returns the index of the pair that has not moved on for `timeoutMs`;
 * undefined once `finished` is aborted. A batch that waits for a thread, or is done and on its way back, has no time running.
 */
async function watch(progress: Int32Array, timeoutMs: number, finished: AbortSignal): Promise<number | undefined> {
  let seen = 0
  let since = performance.now()
  let computed = process.cpuUsage()
  while (!finished.aborted) {
    await sleep(timeoutMs / 4, undefined, { signal: finished }).catch(() => undefined)
    const current = Atomics.load(progress, 0)
    if (current !== seen || current === 0) {
      seen = current
      since = performance.now()
      computed = process.cpuUsage()
    } else if (!finished.aborted) {
      const tookMs = performance.now() - since
      const { user, system } = process.cpuUsage(computed)
      const wasStarved = (user + system) / 1000 < COMPUTED_SHARE * timeoutMs
      if (tookMs >= timeoutMs && (!wasStarved || tookMs >= MOST_PATIENCE * timeoutMs)) return current - 1
    }
  }
  return undefined
}

function splitPairs(pairs: readonly Pair[]): Pair[][] {
  const parts: Pair[][] = []
  let characters = Number.POSITIVE_INFINITY
  for (const pair of pairs) {
    const part = parts.at(-1)
    const length = pair.gold.length + pair.text.length
    if (part && part.length < PAIRS_PER_BATCH && characters + length <= CHARACTERS_PER_BATCH) {
      part.push(pair)
      characters += length
    } else {
      parts.push([pair])
      characters = length
    }
  }
  return parts
}

function withoutAnswer(kind: 'timeout' | 'too-large', rule: string, ms: number): TimedJudgement {
  return { kind, rule, method: 'exact', extraction: 'extract:none', extracted: undefined, checker: CHECKER, ms }
}

function isOutOfMemory(error: unknown): boolean {
  return codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY'
}

/**
 * Drawing: requests go out, completions come back, are stored, are verified, and count, in that order.
 * Knows nothing of policies: whoever calls says what is next and whether one more may go out.
 */

import { type Completion, type FinishReason, judgedText, type Purpose } from '../../core/completion.ts'
import type { Problem } from '../../core/problem.ts'
import type { SampleRequest, SamplingParameters } from '../../core/sampler.ts'
import { requestSeed } from '../../core/seed.ts'
import type { Verdict, VerdictKind } from '../../core/verdict.ts'
import { createBatcher } from '../../store/batcher.ts'
import type { StoredPrompt } from '../../store/runs.ts'
import type { RunContext } from '../context.ts'
import { requestFor } from './request.ts'
import { createSparing, type StillNeeded } from './sparing.ts'

/** One completion that is wanted. */
export interface Wanted {
  readonly issue: number
  readonly problem: Problem
  readonly index: number
  /** In place of the parameters' own. */
  readonly temperature?: number
  /** In place of the one that follows from its key. */
  readonly seed?: number
}

/** One completion that has ended, stored and judged. */
export interface Drawn {
  readonly issue: number
  readonly problem: string
  readonly text: string
  readonly finishReason: FinishReason
  readonly index: number
  readonly verdict: VerdictKind | undefined
  readonly question: string
  readonly gold: string
  readonly extracted: string | undefined
  readonly reward: number | undefined
  readonly completionTokens: number
}

export interface DrawInput {
  readonly purpose: Purpose
  readonly iteration: number
  /** Row of the checkpoint that is being sampled. */
  readonly checkpoint: number
  /** Served name. */
  readonly model: string
  readonly prompt: StoredPrompt
  readonly parameters: SamplingParameters
  /** The next one wanted; undefined when there is none (for now). */
  readonly next: (inFlight: number) => Wanted | undefined
  /** Asked again before a request that completions from the cache may have spared; without it everything wanted is needed. */
  readonly isNeeded?: StillNeeded<Wanted>
  readonly onDrawn: (drawn: Drawn) => void
  /** Called now and then with the number of requests that servers have, for progress. */
  readonly onTick: (inFlight: number) => void
}

const STORE_BATCH = { size: 256, delayMs: 10 } as const
const VERIFY_BATCH = { size: 256, delayMs: 10 } as const
const TICK_MS = 100
/** Completions that may wait for store and verifier beyond the server's share: a slow disk slows admission, memory stays flat. */
const MAX_UNCOUNTED = 1024

export interface DrawEnd {
  /** Slots that the server had free while nothing more was wanted, times how long; the drain at the end is most of it. */
  readonly idleSlotSeconds: number
}

/** One list alone. */
export function draw(context: RunContext, input: DrawInput): Promise<DrawEnd> {
  return drawTogether(context, [input])
}

/**
 * Draws until no `next` has anything more and everything out has come back. An earlier input goes before a later one, which
 * fills the slots that the earlier leave free.
 * @throws whatever breaks the run (ServerError, StoreError, CapReached from `next`, the signal's reason), after the store has
 * taken what had already come back
 */
export async function drawTogether(context: RunContext, inputs: readonly DrawInput[]): Promise<DrawEnd> {
  const stop = new AbortController()
  const signal = AbortSignal.any([context.signal, stop.signal])
  const { sampler } = context
  const lines = inputs.map((input) => ({
    input,
    pipeline: createPipeline(context, input, signal),
    open: 0,
    requests: 0,
  }))
  // Two counts: requests the server has, and completions not yet counted; storing and verifying must not idle the server.
  let requests = 0
  let open = 0
  let idleMs = 0
  let wake = (): void => undefined
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown): void => {
    failure ??= { error }
    stop.abort(error)
  }
  const start = (line: (typeof lines)[number], wanted: Wanted): void => {
    requests++
    open++
    line.open++
    line.requests++
    const answered = (): void => {
      requests--
      line.requests--
      wake()
    }
    line
      .pipeline(wanted, answered)
      .catch(fail)
      .finally(() => {
        open--
        line.open--
        wake()
      })
  }
  /** Starts the first that is wanted. A cap found by `next` stops admission but lets what is out come back: it has been paid for. */
  const startNext = (): boolean => {
    for (const line of lines) {
      try {
        const wanted = line.input.next(line.open)
        if (!wanted) continue
        start(line, wanted)
        return true
      } catch (error) {
        if (open === 0) fail(error)
      }
    }
    return false
  }
  const tick = (): void => {
    const line = lines.find((one) => one.open > 0)
    line?.input.onTick(line.requests)
    // By time alone an endpoint may take more again.
    wake()
  }
  const ticker = setInterval(tick, TICK_MS)
  // Requests that wait for their next try, and answers that wait to count, give their places back.
  const stopListening = sampler.onRoom(() => wake())
  try {
    for (;;) {
      // With no server there for the moment one request waits for the next to come, or hears that none will.
      const places = Math.max(1, sampler.concurrency)
      const mayAsk = !failure && !context.signal.aborted && requests < places && open < places + MAX_UNCOUNTED
      if (mayAsk && startNext()) continue
      if (open === 0) break
      const free = mayAsk ? Math.max(0, sampler.concurrency - requests) : 0
      const since = performance.now()
      await new Promise<void>((resolve) => (wake = resolve))
      idleMs += free * (performance.now() - since)
    }
  } finally {
    clearInterval(ticker)
    stopListening()
    for (const { input } of lines) input.onTick(0)
  }
  context.signal.throwIfAborted()
  if (failure) throw context.store.explain(failure.error)
  return { idleSlotSeconds: idleMs / 1000 }
}

/** @param answered called when the server is done with it, whatever came of it */
type Pipeline = (wanted: Wanted, answered: () => void) => Promise<void>

/** One completion's way: sample, store, verify, store the verdict, count. */
function createPipeline(context: RunContext, input: DrawInput, signal: AbortSignal): Pipeline {
  const { store, sampler, cache, spending } = context
  const runSeed = context.config.seed
  const keep = createBatcher<Completion, number>(
    (batch) => store.completions.insert(batch, input.checkpoint),
    STORE_BATCH,
  )
  const judge = createVerification(context, signal)
  const weights = store.iterations.checkpoints().find(({ id }) => id === input.checkpoint)?.hash
  const sparing = createSparing<Wanted>(input.isNeeded ?? (() => true))

  return async (wanted, answered) => {
    const key = { purpose: input.purpose, iteration: input.iteration, problem: wanted.problem.id, index: wanted.index }
    const seed = wanted.seed ?? requestSeed(runSeed, key)
    const request = requestFor(
      { key, issue: wanted.issue, model: input.model, checkpoint: weights, seed },
      input.prompt,
      wanted.problem,
      wanted.temperature === undefined ? input.parameters : { ...input.parameters, temperature: wanted.temperature },
    )
    const known = cache?.find(request)
    if (known) {
      sparing.recalled()
      answered()
      await count(wanted, request, known).finally(sparing.counted)
    } else if (await sparing.mayAsk(wanted)) {
      const completion = sampler.sample(request, signal).finally(answered)
      await completion.then((drawn) => count(wanted, request, drawn)).finally(sparing.answered)
    } else {
      answered()
    }
  }

  async function count(wanted: Wanted, request: SampleRequest, completion: Completion): Promise<void> {
    const id = await keep.add(completion)
    cache?.keep(request, completion)
    const failed = completion.finishReason === 'failed'
    spending.add(completion)
    const verdict = failed
      ? undefined
      : await judge({
          completion: id,
          question: wanted.problem.question,
          gold: wanted.problem.answer,
          text: judgedText(completion),
        })
    input.onDrawn({
      issue: wanted.issue,
      problem: wanted.problem.id,
      text: completion.text,
      finishReason: completion.finishReason,
      index: wanted.index,
      verdict: verdict?.kind,
      question: wanted.problem.question,
      gold: wanted.problem.answer,
      extracted: verdict?.extracted,
      reward: verdict?.reward,
      completionTokens: completion.completionTokens,
    })
  }
}

interface Unverified {
  readonly completion: number
  readonly question: string
  readonly gold: string
  readonly text: string
}

/** Verifies and stores the verdict; resolves when it is stored. */
function createVerification(context: RunContext, signal: AbortSignal): (item: Unverified) => Promise<Verdict> {
  const { verifier, store } = context
  const batcher = createBatcher<Unverified, Verdict>(async (batch) => {
    const verdicts = await verifier.verify(batch, signal)
    store.verdicts.insert(
      batch.map((item, i) => {
        const verdict = verdicts[i]
        if (!verdict) throw new Error(`the verifier returned ${verdicts.length} verdicts for ${batch.length} texts`)
        return { completion: item.completion, verdict }
      }),
    )
    return verdicts
  }, VERIFY_BATCH)
  return (item) => batcher.add(item)
}

/** Judges completions that a killed process had stored but not yet verified. */
export async function verifyLeftovers(
  context: RunContext,
  purpose: Purpose,
  iteration: number,
  problems: readonly Problem[],
): Promise<void> {
  const gold = new Map(problems.map((problem) => [problem.id, problem.answer]))
  const verify = createVerification(context, context.signal)
  for (const rows of context.store.completions.eachUnverified(purpose, iteration)) {
    await Promise.all(
      rows.map((row) => {
        const { id: completion, question } = row
        return verify({ completion, question, gold: gold.get(row.problem) ?? '', text: judgedText(row) })
      }),
    )
  }
}

/** One trace as its page explains it: everything that is stored of it, and how the checker gets to its verdict. */

import { readStoredConfig } from '../config/stored.ts'
import type { FinishReason, Purpose } from '../core/completion.ts'
import type { Disposition, SampleCell, StoredTrace, TracePurpose } from '../core/trace.ts'
import { promptSent } from '../run/prompt-sent.ts'
import type { ExternalTrace } from '../store/browse/external.ts'
import type { Store } from '../store/store.ts'
import { type Explanation, explain, type SideExplanation } from '../verify/explain.ts'
import { reasonOf } from '../verify/reasons.ts'
import type { ProblemDetail, SideDetail, SolveRate, TraceDetail, WhyDetail } from './wire.ts'

/** Characters of one text that are sent to a page; beyond, its beginning and its end. */
export const MOST_CHARACTERS = 200_000
/** Samples of one problem that are shown. */
const MOST_SAMPLES = 4_000
/** Texts beyond the checker's own limit are not explained. */
const MOST_EXPLAINED = 1_000_000

/** undefined where there is no such trace. */
export function traceDetail(
  store: Store,
  id: number,
  neighbours: TraceDetail['neighbours'] | undefined,
): TraceDetail | undefined {
  const trace = id < 0 ? store.externalBrowse.get(id) : store.detail.get(id)
  if (!trace) return undefined
  const problem = store.detail.problem(trace.problem)
  const { verdictMs: _, text, ...rest } = trace
  return {
    ...rest,
    text: shortened(text),
    characters: text.length,
    temperature: trace.purpose === 'external' ? null : temperatureOf(store, trace.purpose, trace.iteration),
    reason: trace.rule === null ? null : reasonOf(trace.rule),
    dispositionReason: fateOf(trace),
    prompt: trace.purpose === 'external' ? null : (promptSent(store, trace) ?? null),
    attempts: store.detail.attempts(id),
    why: whyOf(store, trace),
    history: store.detail.history(id).map(({ replacedAt, method: __, ...past }) => ({
      ...past,
      replacedAt: new Date(replacedAt).toISOString(),
    })),
    labels: store.labels.of(id),
    neighbours: neighbours ?? store.detail.neighbours(id),
    samples: problem ? samplesOf(store, problem.number) : [],
  }
}

/** undefined where there is no such problem. */
export function problemDetail(store: Store, id: string): ProblemDetail | undefined {
  const problem = store.detail.problem(id)
  if (!problem) return undefined
  const samples = samplesOf(store, problem.number)
  const groups = Map.groupBy(samples, ({ purpose, iteration }) => `${purpose} ${iteration}`)
  const rates = [...groups.values()].flatMap((group): SolveRate[] => {
    const first = group[0]
    if (!first) return []
    const ended = group.filter(({ finishReason }) => finishReason !== 'failed')
    const correct = ended.filter(({ verdict, finishReason }) => verdict === 'correct' && finishReason === 'stop').length
    return [{ purpose: first.purpose, iteration: first.iteration, asked: ended.length, correct }]
  })
  const { number: _, ...rest } = problem
  return { ...rest, samples, rates }
}

/** The run's own first, then those that were generated elsewhere. */
function samplesOf(store: Store, problem: number): SampleCell[] {
  const own = store.detail.samples(problem, MOST_SAMPLES)
  return [...own, ...store.externalBrowse.samples(problem, MOST_SAMPLES - own.length)]
}

/** The beginning and the end, where the answer is, of a text that no page should hold whole. */
export function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text
  const half = MOST_CHARACTERS / 2
  const left = text.length - MOST_CHARACTERS
  return `${text.slice(0, half).toWellFormed()}\n\n… ${left.toLocaleString('en-US')} characters are left out here …\n\n${text.slice(-half).toWellFormed()}`
}

function whyOf(store: Store, trace: StoredTrace | ExternalTrace): WhyDetail | null {
  const isOurs = trace.checker?.startsWith('spendwise-checker') ?? false
  const run = store.run.read()
  if (!isOurs || !run || trace.text.length > MOST_EXPLAINED) return null
  const { percent, rounding, order, extra, units } = readStoredConfig(run.config).verify ?? {}
  const policies = { percent, rounding, order, extra, units }
  return toWhy(explain(trace.gold, trace.text, policies), trace.text)
}

function toWhy({ points, probed, gold, answer, ...rest }: Explanation, text: string): WhyDetail {
  return {
    ...rest,
    agreed: points,
    gold: toSide(gold),
    // A text that is sent in part has other places.
    answer: text.length > MOST_CHARACTERS ? { ...toSide(answer), place: null } : toSide(answer),
    points: probed.map(({ at, equal, ...values }) => ({
      at,
      equal,
      gold: values.gold ?? 'no value',
      answer: values.answer ?? 'no value',
    })),
  }
}

function toSide({ extracted, extraction, parsed, place }: SideExplanation): SideDetail {
  return { extracted: extracted ?? null, extraction, parsed: parsed ?? null, place: place ?? null }
}

/** The temperature it was asked for with; a probe's samples have several. */
function temperatureOf(store: Store, purpose: Purpose, iteration: number): number | null {
  const run = store.run.read()
  if (!run || purpose === 'probe') return null
  if (purpose === 'greedy') return 0
  const { sample, evaluate } = readStoredConfig(run.config)
  if (purpose === 'gate' || purpose === 'evaluate') return evaluate?.temperature ?? null
  const probed = store.probes.all().find((row) => row.iteration === iteration)
  return probed?.temperature ?? sample?.temperature ?? null
}

interface Fated {
  readonly purpose: TracePurpose
  readonly finishReason: FinishReason
  readonly disposition: Disposition | null
}

function fateOf(trace: Fated): string | null {
  if (trace.disposition === null) return openReason(trace)
  if (trace.purpose === 'external' && trace.disposition === 'accepted')
    return 'Accepted by the rules of this run, but generated elsewhere: in no iteration and no n_t. spendwise export --origin external writes it.'
  return DISPOSITION_REASONS[trace.disposition]
}

function openReason({ purpose, finishReason }: Fated): string | null {
  if (finishReason === 'failed') return 'No text came back; the request is tried again under the same index.'
  if (purpose === 'external') return 'Not settled yet: its import is not at its end.'
  if (purpose === 'train' || purpose === 'hint') return "Not settled yet: the iteration's sampling is not closed."
  return null
}

const DISPOSITION_REASONS: Readonly<Record<Disposition, string>> = {
  accepted: 'Trained on: among the first n_t eligible traces in issue order.',
  surplus: 'Correct, but beyond n_t: banked and reported, not trained on.',
  duplicate: 'Correct, but the same text was accepted before.',
  'over-cap': 'Correct, but its problem already has as many accepted traces as accept.maxPerProblem allows.',
  unsound: 'Correct, but an equation in it is false, which accept.equations refuses.',
  restated: 'Correct, but its answer only repeats a formula of its question, which accept.restated refuses.',
  'too-long': 'Correct, but of more tokens than accept.maxTokens allows.',
  leaked: 'Correct, but drawn with a hint that it speaks of.',
  truncated: 'Cut off at the token limit: never accepted, whatever its answer.',
  wrong: 'Not trained on: its verdict is not correct.',
  'not-kept': 'Not trained on: the draw by its reward left it out (accept.by: reward).',
  failed: 'No text came back, or none that is known to be whole.',
  unanswered: 'No text came back, though asked twice; the accepted set lacks what it might have brought.',
}

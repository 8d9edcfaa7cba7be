/** Published sets by name: where they lie on the Hub, which column holds what, and which of their rows are problems. */

import { type DatasetKind, PUBLISHED_NAMES, type PublishedName } from '../../core/datasets.ts'
import type { JsonRow } from '../files/json-lines.ts'
import type { SourceSpec } from '../source.ts'

export interface PublishedSet extends Pick<SourceSpec, 'config' | 'split' | 'fields' | 'where' | 'dedupe' | 'golds'> {
  /** OWNER/NAME on the Hub. */
  readonly repo: string
  /**
   * The rows of one file whose format is its own; the fields are looked up in them. Left out where the ending says it all: JSON lines,
   * JSON, CSV, TSV, Parquet.
   * @throws ConfigError with file and line for what cannot be read
   */
  readonly read?: (path: string) => readonly JsonRow[]
  /** What the publisher wrapped each question in; taken off, since run.yaml's prompt asks. */
  readonly wrapper?: { readonly before: string; readonly after: string }
  /** SPDX name where there is one, as its card states it. */
  readonly licence: string
  /** What to know before training on it, one sentence. */
  readonly quirk: string
}

export const PUBLISHED = {
  'numina-1.5': {
    repo: 'AI-MO/NuminaMath-1.5',
    fields: { question: 'problem', answer: 'answer', subject: 'problem_type' },
    where: ['question_type!=proof', 'problem_is_valid=Yes', 'solution_is_valid=Yes'],
    licence: 'Apache-2.0',
    quirk: 'Proofs have the answer "proof", and answers that were not found "notfound"; neither is a problem.',
  },
  dapo: {
    repo: 'BytedTsinghua-SIA/DAPO-Math-17k',
    fields: { question: 'prompt.0.content', answer: 'reward_model.ground_truth' },
    wrapper: {
      before:
        'Solve the following math problem step by step. The last line of your response should be of the form Answer: $Answer (without quotes) where $Answer is the answer to the problem.\n\n',
      after: '\n\nRemember to put your answer on its own line after "Answer:".',
    },
    dedupe: true,
    licence: 'Apache-2.0',
    quirk: 'Each of its 17,398 problems stands there a hundred times.',
  },
  'dapo-processed': {
    repo: 'open-r1/DAPO-Math-17k-Processed',
    config: 'all',
    fields: { question: 'prompt', answer: 'solution' },
    dedupe: true,
    licence: 'Apache-2.0',
    quirk: 'The same problems once each, without the instructions; config en or cn takes one language.',
  },
  'big-math': {
    repo: 'SynthLabsAI/Big-Math-RL-Verified',
    fields: { question: 'problem', answer: 'answer', subject: 'domain', solveRate: 'llama8b_solve_rate' },
    licence: 'Apache-2.0',
    quirk: 'llama8b_solve_rate is the share that Llama-3.1-8B solved of 64 tries.',
  },
  'open-math-reasoning': {
    repo: 'nvidia/OpenMathReasoning',
    split: 'cot',
    fields: { question: 'problem', answer: 'expected_answer', solveRate: 'pass_rate_72b_tir' },
    where: ['problem_type=has_answer_extracted'],
    dedupe: true,
    licence: 'CC-BY-4.0',
    quirk: 'A problem has many solutions, each a row; pass_rate_72b_tir is "n/a" where nobody measured it.',
  },
  deepscaler: {
    repo: 'agentica-org/DeepScaleR-Preview-Dataset',
    fields: { question: 'problem', answer: 'answer' },
    dedupe: true,
    licence: 'MIT',
    quirk: 'AIME, AMC, Omni-MATH and STILL together; it overlaps with MATH.',
  },
  skywork: {
    repo: 'Skywork/Skywork-OR1-RL-Data',
    split: 'math',
    fields: { question: 'prompt.0.content', answer: 'reward_model.ground_truth' },
    wrapper: { before: '', after: " Let's think step by step and output the final answer within \\boxed{}." },
    golds: 'any',
    licence: 'Apache-2.0',
    quirk: 'Answers are JSON lists in a text; any of them counts.',
  },
  'aime-2025': {
    repo: 'MathArena/aime_2025',
    fields: { question: 'problem', answer: 'answer', id: 'problem_idx', subject: 'problem_type' },
    licence: 'CC-BY-NC-SA-4.0',
    quirk: 'Thirty problems, numbered from 1; an exam to evaluate on.',
  },
  'hmmt-2025': {
    repo: 'MathArena/hmmt_feb_2025',
    fields: { question: 'problem', answer: 'answer', id: 'problem_idx', subject: 'problem_type' },
    licence: 'CC-BY-NC-SA-4.0',
    quirk: 'Thirty problems, numbered from 1, some with several answers in one; an exam to evaluate on.',
  },
  olympiad: {
    repo: 'Hothan/OlympiadBench',
    config: 'OE_TO_maths_en_COMP',
    fields: { question: 'question', answer: 'final_answer', id: 'id', subject: 'subfield' },
    golds: 'all',
    licence: 'Apache-2.0',
    quirk: 'Answers are lists, all of which are asked for; open proofs have none.',
  },
} as const satisfies Record<PublishedName, PublishedSet>

/** The set of that name; undefined for kinds of files. */
export function publishedSet(kind: DatasetKind): PublishedSet | undefined {
  return PUBLISHED_NAMES.includes(kind as PublishedName) ? PUBLISHED[kind as PublishedName] : undefined
}

/** The set that lies at that place on the Hub; undefined for others. */
export function publishedAt(repo: string | undefined): PublishedSet | undefined {
  return Object.values<PublishedSet>(PUBLISHED).find((set) => set.repo.toLowerCase() === repo?.toLowerCase())
}

/** A source with what its published set knows of it; what the source says itself goes first, key by key. */
export function withPublished(spec: SourceSpec, set: PublishedSet): SourceSpec {
  return {
    ...spec,
    fields: { ...set.fields, ...spec.fields },
    where: spec.where ?? set.where,
    golds: spec.golds ?? set.golds,
    dedupe: spec.dedupe ?? set.dedupe,
  }
}

/** A question without what its publisher wrapped it in. */
export function unwrapped(question: string, { wrapper }: PublishedSet): string {
  if (wrapper === undefined) return question
  const start = question.startsWith(wrapper.before) ? wrapper.before.length : 0
  const end = question.endsWith(wrapper.after) ? question.length - wrapper.after.length : question.length
  return question.slice(start, Math.max(start, end))
}

/** Where a source lies on the Hub; undefined for one that has a file, and for kinds of files. */
export function hubPlace(spec: SourceSpec): SourceSpec | undefined {
  if (spec.dataset === 'hub') return spec
  const set = publishedSet(spec.dataset)
  if (set === undefined || spec.path !== undefined) return undefined
  return { ...spec, repo: spec.repo ?? set.repo, config: spec.config ?? set.config, split: spec.split ?? set.split }
}

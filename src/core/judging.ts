/**
 * A model as judge of answers that no algebra decides: what it is told, what its words count as, and what becomes of its votes. What it reads was
 * written by a model that may want to be called right, so nothing it reads can answer for it: the texts are JSON strings between marks
 * that nobody could have known, the answer is one word of a schema, and who is called right has to be called wrong next to another answer.
 */

import { hash32, type Random, randomInteger } from './seed.ts'

export const VOTES = ['same', 'different', 'unclear'] as const
/** `unclear` also where what came back was no vote. */
export type Vote = (typeof VOTES)[number]

/** What a vote has to look like (JSON schema). */
export const VOTE_SCHEMA = {
  type: 'object',
  properties: { verdict: { type: 'string', enum: VOTES } },
  required: ['verdict'],
  additionalProperties: false,
} as const

/** What is judged: two answers to one question. */
export interface Disputed {
  readonly question: string
  readonly gold: string
  /** As the checker took it from the completion. */
  readonly answer: string
}

/** Longer answers are no answers, and are not asked about. */
export const MOST_CHARACTERS = 2000

/** Placeholders of a judge's prompt next to `{{question}}`. */
export const JUDGE_PLACEHOLDERS = ['{{gold}}', '{{answer}}', '{{fence}}'] as const

/**
 * A prompt's text with everything filled in, in one pass: what a text brings along is not filled in again. Texts stand as JSON strings, so
 * that they have no lines of their own.
 * @param fence that none of the texts holds, since nobody could know it
 */
export function fillJudgePrompt(template: string, { question, gold, answer }: Disputed, fence: string): string {
  const values: Readonly<Record<string, string>> = {
    question: JSON.stringify(question),
    gold: JSON.stringify(gold),
    answer: JSON.stringify(answer),
    fence,
  }
  return template.replace(/\{\{(question|gold|answer|fence)\}\}/g, (_, name: string) => values[name] ?? '')
}

/**
 * The seed of a vote, from 0 to 2^31: of its own for each question. With one seed for the first votes of all questions, a judge who hardly prefers a word
 * says the same word to all of them, and its errors on labelled answers show nothing.
 * @param number of the vote
 */
export function voteSeed({ question, gold, answer }: Disputed, number: number): number {
  return hash32(JSON.stringify([question, gold, answer, number])) >>> 1
}

/** The vote in what a model wrote: the object alone, as the schema has it. */
export function readVote(text: string): Vote {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('verdict' in value)) return 'unclear'
    return VOTES.find((vote) => vote === value.verdict) ?? 'unclear'
  } catch {
    // No JSON is no vote.
    return 'unclear'
  }
}

/** What most of the votes say, once no more of them could change it; undefined while they could. */
export function majorityOf(votes: readonly Vote[], of: number): Vote | undefined {
  const most = Math.floor(of / 2) + 1
  const decided = (['same', 'different'] as const).find((vote) => votes.filter((it) => it === vote).length >= most)
  return decided ?? (votes.length >= of ? 'unclear' : undefined)
}

/** Golds of other kinds, for one that has nothing to change. */
const OTHERS = [
  'the empty set',
  'an isosceles right triangle',
  'all odd primes',
  '\\sqrt{7} - \\frac{355}{113}',
  'Tuesday',
]

/**
 * Another gold, for the control question: a judge that calls an answer right next to this one too was talked into it, or cannot tell. It looks like the
 * gold, with other numbers that nobody could know; a gold without numbers becomes one of the others that were met.
 */
export function decoyOf(gold: string, others: readonly string[], random: Random): string {
  const changed = gold.replace(/\d+/g, (digits) => {
    const size = 10 ** Math.min(6, digits.length)
    const other = String(randomInteger(random, size * 9) + size)
    return other === digits ? `${other}7` : other
  })
  if (changed !== gold) return changed
  const different = [...others.filter((other) => !/\d/.test(other)), ...OTHERS].filter((other) => other !== gold)
  return different[randomInteger(random, different.length)] ?? 'none of these'
}

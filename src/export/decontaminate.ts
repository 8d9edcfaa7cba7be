/** Finds texts that share a run of n words with a question of a test set. */

import { createWordReader, mixed, type Words, wordsText } from './words.ts'

/** Questions that nothing trained on may hold. */
export interface TestSet {
  readonly name: string
  readonly questions: readonly { readonly id: string; readonly question: string }[]
}

export interface Overlap {
  /** Name of the test set. */
  readonly testSet: string
  /** Id of its first question that shares the words. */
  readonly question: string
  /** The words in common, as compared. */
  readonly words: string
}

export interface TestIndex {
  /** The first run of n words that the text shares with a test question; undefined where there is none. */
  overlapWith(text: string): Overlap | undefined
}

interface Entry {
  readonly set: number
  readonly question: number
  readonly words: string
}

/** Bits of the sieve that nearly all runs of words end at: 2^22 of them, half a megabyte. */
const SIEVE_BITS = 22
const BASE = 0x01000193

/**
 * @param n words of a run, at least 1; a question with fewer is found only as the whole of a text
 */
export function createTestIndex(sets: readonly TestSet[], n: number): TestIndex {
  const read = createWordReader()
  const sieve = new Uint8Array(1 << (SIEVE_BITS - 3))
  const runs = new Map<number, Entry[]>()
  const wholes = new Map<string, Entry>()
  const add = (hash: number, entry: Entry): void => {
    const bit = hash >>> (32 - SIEVE_BITS)
    sieve[bit >> 3] = (sieve[bit >> 3] as number) | (1 << (bit & 7))
    const there = runs.get(hash)
    if (!there) runs.set(hash, [entry])
    else if (!there.some(({ words }) => words === entry.words)) there.push(entry)
  }
  for (const [set, { questions }] of sets.entries()) {
    for (const [question, { question: text }] of questions.entries()) {
      const words = read(text)
      if (words.count >= n) {
        eachRun(words, n, (hash, at) => add(hash, { set, question, words: wordsText(text, words, at, n) }))
        continue
      }
      const whole = wordsText(text, words, 0, words.count)
      if (whole !== '' && !wholes.has(whole)) wholes.set(whole, { set, question, words: whole })
    }
  }
  const told = ({ set, question, words }: Entry): Overlap => ({
    testSet: sets[set]?.name ?? '',
    question: sets[set]?.questions[question]?.id ?? '',
    words,
  })
  return {
    overlapWith(text) {
      const words = read(text)
      if (words.count < n) {
        const entry = wholes.get(wordsText(text, words, 0, words.count))
        return entry && told(entry)
      }
      let found: Entry | undefined
      eachRun(words, n, (hash, at) => {
        const bit = hash >>> (32 - SIEVE_BITS)
        if (((sieve[bit >> 3] as number) & (1 << (bit & 7))) === 0) return false
        // Hashes may agree by chance; words do not.
        found = runs.get(hash)?.find((entry) => entry.words === wordsText(text, words, at, n))
        return found !== undefined
      })
      return found && told(found)
    },
  }
}

/** Rolls over all runs of n words, until the visitor says true. */
function eachRun({ count, hashes }: Words, n: number, visit: (hash: number, at: number) => unknown): void {
  let power = 1
  for (let i = 1; i < n; i++) power = Math.imul(power, BASE)
  let hash = 0
  for (let i = 0; i < count; i++) {
    if (i >= n) hash = (hash - Math.imul(hashes[i - n] as number, power)) | 0
    hash = (Math.imul(hash, BASE) + (hashes[i] as number)) | 0
    if (i >= n - 1 && visit(mixed(hash), i - n + 1) === true) return
  }
}

/** A test question met in a problem's own question, with all traces of that problem, or in one completion. */
export type ContaminationHit = Overlap & {
  /** Id of the problem. */
  readonly problem: string
} & (
    | { readonly kind: 'question'; readonly traces: number }
    | { readonly kind: 'completion'; readonly iteration: number; readonly index: number }
  )

/** What is looked at. */
export interface LookedAt {
  readonly problem: number
  readonly iteration: number
  readonly index: number
  readonly text: string
}

export interface ContaminationCheck {
  isContaminated(trace: LookedAt): boolean
  /** Those of questions first. */
  hits(): ContaminationHit[]
}

/** Each question is looked at once, however many traces it has. */
export function createContaminationCheck(
  index: TestIndex,
  problem: (number: number) => { readonly id: string; readonly question: string },
): ContaminationCheck {
  const questions = new Map<number, { readonly overlap: Overlap; traces: number } | null>()
  const completions: { readonly overlap: Overlap; readonly trace: Omit<LookedAt, 'text'> }[] = []
  const questionOf = (number: number) => {
    const known = questions.get(number)
    if (known !== undefined) return known
    const overlap = index.overlapWith(problem(number).question)
    const entry = overlap ? { overlap, traces: 0 } : null
    questions.set(number, entry)
    return entry
  }
  return {
    isContaminated(trace) {
      const question = questionOf(trace.problem)
      if (question) {
        question.traces++
        return true
      }
      const overlap = index.overlapWith(trace.text)
      if (!overlap) return false
      const { problem: number, iteration, index: place } = trace
      completions.push({ overlap, trace: { problem: number, iteration, index: place } })
      return true
    },
    hits: () => [
      ...[...questions].flatMap(([number, entry]): ContaminationHit[] =>
        entry ? [{ kind: 'question', problem: problem(number).id, traces: entry.traces, ...entry.overlap }] : [],
      ),
      ...completions.map(
        ({ overlap, trace }): ContaminationHit => ({
          kind: 'completion',
          problem: problem(trace.problem).id,
          iteration: trace.iteration,
          index: trace.index,
          ...overlap,
        }),
      ),
    ],
  }
}

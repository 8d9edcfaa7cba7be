/** Word problems of two to four steps from the data file: an opening, a chain of clauses, a question, and the worked solution. */

import { ConfigError } from '../../core/errors.ts'
import type { Problem, Split } from '../../core/problem.ts'
import { hash32, type Random, randomFor, randomInteger } from '../../core/seed.ts'
import type { StepsFile } from './file.ts'
import { type CompiledPart, type CompiledSteps, compileSteps, renderText, type Slots, weightedPick } from './parts.ts'

/** A problem with the worked solution it was made with: `7*2=14. 14+15=29. #### 29`. */
export interface GeneratedProblem extends Problem {
  readonly level: string
  readonly solution: string
}

export interface StepsOptions {
  readonly file: StepsFile
  /** A key of the file's `levels`. */
  readonly level: string
  readonly count: number
  readonly seed: number
  readonly split: Split
  /** First part of id and source; the file's own name where left out. */
  readonly name?: string
}

/** Draws of one clause before the chain is given up, and of one problem before the file is called unfit. */
const CLAUSE_TRIES = 40
const PROBLEM_TRIES = 10_000

/**
 * Instances number 0 to count-1 of one level. Each is a function of (seed, split, level, number) and of the instances
 * before it, which it may not repeat; so a longer list begins with the shorter one.
 * @throws ConfigError when the level is unknown or the data file cannot give that many distinct problems
 */
export function generateSteps(options: StepsOptions): GeneratedProblem[] {
  const { file, level, count, seed, split, name = file.name } = options
  const compiled = compileSteps(file)
  const steps = file.levels[level]
  if (steps === undefined) {
    throw new ConfigError(
      `Level ${level} is not among ${Object.keys(file.levels).join(', ')} of the steps file ${file.name}.`,
    )
  }
  const seen = new Set<string>()
  const problems: GeneratedProblem[] = []
  for (let number = 0; number < count; number++) {
    const random = randomFor(seed, `steps/${split}/${level}/${number}`)
    const draft = drawUntil(
      compiled,
      level,
      steps,
      random,
      (question) => splitOf(question) === split && !seen.has(question),
    )
    if (draft === undefined) {
      throw new ConfigError(
        `The steps file ${file.name} gives only ${number} of ${count} distinct problems of level ${level} for ${split}; ask for fewer.`,
      )
    }
    seen.add(draft.question)
    const id = `${name}/${split}/${level}/${String(number).padStart(6, '0')}`
    problems.push({ id, split, source: `${name}/${level}`, level, ...draft })
  }
  return problems
}

/**
 * The one split a question may appear in, whatever the seed: 70% train, 10% gate, 20% evaluate, by the text's hash.
 * So no problem of the gate or of the evaluation can ever be trained on.
 */
export function splitOf(question: string): Split {
  const place = hash32(`split/${question}`) % 10
  return place < 7 ? 'train' : place < 8 ? 'gate' : 'evaluate'
}

interface Draft {
  readonly question: string
  readonly answer: string
  readonly solution: string
}

function drawUntil(
  compiled: CompiledSteps,
  level: string,
  steps: number,
  random: Random,
  fits: (question: string) => boolean,
): Draft | undefined {
  const shops = compiled.shops.filter((shop) => shop.level === level)
  for (let tries = 0; tries < PROBLEM_TRIES; tries++) {
    const isShop = random() < compiled.shopShare && shops.length > 0
    const draft = isShop ? drawShop(compiled, shops, random) : drawChain(compiled, steps, random)
    if (draft !== undefined && fits(draft.question)) return draft
  }
  return undefined
}

function drawShop(compiled: CompiledSteps, shops: CompiledSteps['shops'], random: Random): Draft | undefined {
  const slots = drawSlots(compiled, random)
  const shop = weightedPick(shops, random)
  const equations: string[] = []
  if (!run(shop, slots, equations, random)) return undefined
  return finish(`${renderText(shop.text, slots)} ${renderText(shop.question, slots)}`, slots, equations)
}

function drawChain(compiled: CompiledSteps, steps: number, random: Random): Draft | undefined {
  const slots = drawSlots(compiled, random)
  const opening = weightedPick(compiled.openings, random)
  const equations: string[] = []
  if (!run(opening, slots, equations, random)) return undefined
  let text = renderText(opening.text, slots)
  for (let tries = 0; equations.length < steps; tries++) {
    if (tries === CLAUSE_TRIES) return undefined
    const clause = weightedPick(compiled.clauses, random)
    slots.friend = another(compiled.words.name, slots.name, random)
    if (run(clause, slots, equations, random)) text += ` ${renderText(clause.text, slots)}`
  }
  const question = compiled.questions[randomInteger(random, compiled.questions.length)]
  if (question === undefined || equations.length > steps) return undefined
  return finish(`${text} ${renderText(question, slots)}`, slots, equations)
}

function drawSlots({ words }: CompiledSteps, random: Random): Slots {
  const name = pick(words.name, random)
  const item = pick(words.item, random)
  const friend = another(words.name, name, random)
  return { name, friend, item, other: another(words.item, item, random), container: pick(words.container, random) }
}

/** Draws the part's numbers and does its arithmetic; false, with nothing changed but drawn numbers, where a result does not fit. */
function run(part: CompiledPart, slots: Slots, equations: string[], random: Random): boolean {
  for (const { name, low, high } of part.numbers) slots[name] = low + randomInteger(random, high - low + 1)
  const before = equations.length
  const total = slots.total
  for (const { result, left, sign, right } of part.equations) {
    const value = calculate(Number(slots[left]), sign, Number(slots[right]))
    if (!Number.isInteger(value) || value < part.low || value > part.high) {
      equations.length = before
      slots.total = total ?? 0
      return false
    }
    equations.push(`${slots[left]}${sign}${slots[right]}=${value}`)
    slots[result] = value
  }
  return true
}

function calculate(left: number, sign: string, right: number): number {
  switch (sign) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    default:
      return left / right
  }
}

function finish(question: string, slots: Slots, equations: readonly string[]): Draft {
  const answer = String(slots.total)
  return { question, answer, solution: `${equations.join('. ')}. #### ${answer}` }
}

function pick(words: readonly string[], random: Random): string {
  return words[randomInteger(random, words.length)] ?? ''
}

function another(words: readonly string[], taken: string | number | undefined, random: Random): string {
  const at = words.indexOf(String(taken))
  return words[(at + 1 + randomInteger(random, words.length - 1)) % words.length] ?? ''
}

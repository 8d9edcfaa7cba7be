/**
 * The test server's model: solves a known problem with a seeded rate that rises with the checkpoint's skill.
 *
 * Its text is a pure function of skill, prompt, seed and temperature. The rate of a problem is
 * sigmoid((skill + ease) / temperature), ease being normal over the problems: at temperature 1 the rates spread from
 * hopeless to easy, and as the temperature falls to 0 every problem becomes always or never solved.
 */

import { createRandom, hash32, type Random, randomInteger } from '../../src/core/seed.ts'
import type { KnownProblem } from './problem-book.ts'

/** Standard deviation of the problems' ease, in logits: with skill 0 a fifth of them lies below 0.2 and above 0.8 each. */
const EASE_SPREAD = 1.6

export interface Solver {
  /** Logit of the typical problem's solve rate: 0 solves half of what it is asked. */
  readonly skill: number
  /** Share of texts that end without an answer, 0 to 1. */
  readonly noAnswer: number
  /** Share of texts that ramble on until the token limit, 0 to 1; half of them have stated their answer before. */
  readonly truncate: number
}

export interface Draw {
  /** hash32 of the prompt: all that chance needs to know of it. */
  readonly promptHash: number
  readonly seed: number
  readonly temperature: number
}

export interface WrittenText {
  readonly text: string
  /** True where the model would have continued until its token limit. */
  readonly endless: boolean
}

/** The probability that one draw at this temperature is right. */
export function solveRate(question: string, skill: number, temperature: number): number {
  const random = createRandom(hash32(`ease/${question}`))
  const logit = skill + EASE_SPREAD * normal(random)
  if (temperature === 0) return logit > 0 ? 1 : 0
  return 1 / (1 + Math.exp(-logit / temperature))
}

export function writeText(solver: Solver, problem: KnownProblem | undefined, draw: Draw): WrittenText {
  // Greedy decoding has no chance in it, whatever the seed says.
  const seed = draw.temperature === 0 ? 0 : draw.seed
  if (problem === undefined) {
    const mood = createRandom(hash32(`${draw.promptHash}/${seed}/${draw.temperature}/${solver.skill}`))
    return { text: `This is not a problem I know, unlike number ${randomInteger(mood, 1_000_000)}.`, endless: false }
  }
  const fate = createRandom(hash32(`${draw.promptHash}/${seed}`))
  const right = fate() < solveRate(problem.question, solver.skill, draw.temperature)
  const silent = fate() < solver.noAnswer
  const endless = fate() < solver.truncate
  // The words depend on the weights too, so that a canary notices new ones even where the answer stays.
  const words = createRandom(hash32(`${draw.promptHash}/${seed}/${draw.temperature}/${solver.skill}`))
  const said = right ? problem.answer : wrongAnswer(problem.answer, words)
  const work = writeWork(words, said)
  if (endless) return { text: words() < 0.5 ? `${work}\n#### ${said}\n` : work, endless }
  return { text: silent ? `${work}\nI am not sure about the result.` : `${work}\n#### ${said}`, endless }
}

/** What a base model continues with when no stop string holds it: the next example of its few-shot prompt. */
export function nextExample(draw: Draw): string {
  const random = createRandom(hash32(`next/${draw.promptHash}/${draw.seed}`))
  const a = 2 + randomInteger(random, 40)
  const b = 2 + randomInteger(random, 40)
  return `\n\nQuestion: What is ${a} plus ${b}?\nAnswer: ${a} + ${b} = ${a + b}\n#### ${a + b}`
}

const OPENINGS = ['First', 'To begin', "Let's see", 'We start here', 'Step one', 'Reading the question again'] as const
const LINKS = ['then', 'so', 'after that', 'which means', 'next', 'and from there'] as const
const THINGS = ['the total', 'the rest', 'the first part', 'what is left', 'the cost', 'the amount'] as const

function writeWork(random: Random, said: string): string {
  const pick = <T>(items: readonly T[]): T => items[randomInteger(random, items.length)] as T
  const lines: string[] = []
  const steps = 1 + randomInteger(random, 4)
  for (let i = 0; i < steps; i++) {
    const a = 1 + randomInteger(random, 60)
    const b = 1 + randomInteger(random, 60)
    const sum = random() < 0.5 ? `${a} + ${b} = ${a + b}` : `${a} * ${b} = ${a * b}`
    lines.push(`${i === 0 ? pick(OPENINGS) : pick(LINKS)}, ${pick(THINGS)} is ${sum}.`)
  }
  // As a model writes: the last step leads to what is said, with a hint before its eyes or without.
  const part = 1 + randomInteger(random, 60)
  const last = /^-?\d+$/.test(said) ? `${Number(said) - part} + ${part} = ${said}` : said
  lines.push(`${pick(LINKS)} ${pick(THINGS)} comes to ${last}.`)
  return lines.join('\n')
}

function wrongAnswer(answer: string, random: Random): string {
  const offset = 1 + randomInteger(random, 9)
  const value = Number(answer)
  if (answer === '' || !Number.isFinite(value)) return `${answer} + ${offset}`
  return String(random() < 0.5 ? value + offset : value - offset)
}

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

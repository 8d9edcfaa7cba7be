/** `verify.judge`: an OpenAI-compatible model that is asked where the checker leaves an answer open. */

import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import { askCompletion } from '../../client/completions.ts'
import { resolveConfigPath } from '../../config/parse.ts'
import type { RunConfig } from '../../config/schema.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import { ConfigError, messageOf, ServerError } from '../../core/errors.ts'
import {
  type Disputed,
  decoyOf,
  fillJudgePrompt,
  JUDGE_PLACEHOLDERS,
  MOST_CHARACTERS,
  majorityOf,
  readVote,
  VOTE_SCHEMA,
  type Vote,
  voteSeed,
} from '../../core/judging.ts'
import { hash32 } from '../../core/seed.ts'
import { loadPrompt, shippedPromptsDirectory } from '../../prompt/load-prompt.ts'
import type { PromptTemplate } from '../../prompt/template.ts'
import type { VoteBook, VoteRow } from '../../store/verdicts.ts'
import { endpointOf } from '../serve/endpoint.ts'

export type JudgeConfig = NonNullable<RunConfig['verify']['judge']>

/** What the judge says of one answer; `turned`: it called it right next to another gold as well, so that its votes count for nothing. */
export type Judged = 'same' | 'different' | 'unclear' | 'turned'

export interface Judge {
  /** Model and prompt, as they stand in verdicts and votes. */
  readonly name: string
  /**
   * Votes that are stored are not asked for again, nor is the same answer to the same problem.
   * @param completion row whose answer it is; undefined keeps nothing
   * @returns undefined where the judge is away, or the answer is too long to be one
   */
  ask(disputed: Disputed, completion: number | undefined, signal: AbortSignal): Promise<Judged | undefined>
  /** One question, for doctor. @throws ServerError */
  try(signal: AbortSignal): Promise<Vote>
  /** Tokens that it has taken so far. */
  tokens(): number
}

export interface JudgeInput {
  readonly judge: JudgeConfig
  readonly configDirectory: string
  /** Left out, votes are kept nowhere. */
  readonly votes?: VoteBook | undefined
  readonly onNote?: ((text: string) => void) | undefined
}

/** Questions at a time. */
const CONCURRENCY = 8
/** A judge that was away is asked again so much later. */
const AWAY_MS = 60_000
const RETRIES = 2
/** Golds that have been met, which a gold without numbers is confused with. */
const MOST_OTHERS = 200

/** @throws ConfigError where the prompt cannot be used or the key cannot be sent */
export function createJudge({ judge, configDirectory, votes: book, onNote }: JudgeInput): Judge {
  const { endpoint: written, votes: count, maxTokens, timeoutSeconds } = judge
  const endpoint = endpointOf({ ...written, apiKeyEnv: written.apiKeyEnv })
  const prompt = judgePrompt(judge.prompt, configDirectory)
  const name = `judge ${written.model} ${prompt.sha256.slice(0, 12)}`.slice(0, 200)
  const limit = pLimit(CONCURRENCY)
  const others = new Set<string>()
  /** Answers that are being asked about: another completion that gives the same one waits for its votes. */
  const underWay = new Map<string, Promise<Judged>>()
  let awayUntil = 0
  let isSaid = false
  let tokens = 0

  const ask = async (
    disputed: Disputed,
    number: number,
    signal: AbortSignal,
  ): Promise<{ vote: Vote; tokens: number }> => {
    // 128 bits that nobody could know stand around every text.
    const fence = `=====${randomBytes(16).toString('hex')}=====`
    const messages = prompt.messages.map(({ role, content }) => ({
      role,
      content: fillJudgePrompt(content, disputed, fence),
    }))
    const body = {
      model: written.model,
      messages,
      temperature: count === 1 ? 0 : 1,
      max_tokens: maxTokens,
      seed: voteSeed(disputed, number),
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'equivalence', strict: true, schema: VOTE_SCHEMA },
      },
    }
    const timeoutMs = timeoutSeconds * 1000
    const answer = await limit(() =>
      askCompletion(endpoint, { api: 'chat', body, timeoutMs, retries: RETRIES, signal }),
    )
    const read = readAnswer(endpoint, answer)
    tokens += read.tokens
    return read
  }

  const collect = async (disputed: Disputed, completion: number | undefined, signal: AbortSignal): Promise<Judged> => {
    const about = hash32(JSON.stringify([disputed.gold, disputed.answer]))
    const stored = completion === undefined || !book ? [] : book.of(completion, name, about)
    const keep = (row: Pick<VoteRow, 'control' | 'number' | 'vote' | 'tokens'>): void => {
      if (completion !== undefined) book?.add({ completion, judge: name, about, ...row })
    }
    const votes: Vote[] = []
    let said = majorityOf(votes, count)
    for (let number = 0; said === undefined; number++) {
      const known = stored.find((row) => !row.control && row.number === number)
      if (known) {
        votes.push(known.vote)
      } else {
        const answered = await ask(disputed, number, signal)
        keep({ control: false, number, ...answered })
        votes.push(answered.vote)
      }
      said = majorityOf(votes, count)
    }
    if (said !== 'same') return said
    const known = stored.find(({ control }) => control)
    if (known) return known.vote === 'different' ? 'same' : 'turned'
    const decoy = decoyOf(disputed.gold, [...others], secretRandom)
    const control = await ask({ ...disputed, gold: decoy }, count, signal)
    keep({ control: true, number: 0, ...control })
    return control.vote === 'different' ? 'same' : 'turned'
  }

  return {
    name,
    tokens: () => tokens,
    async try(signal) {
      return (await ask({ question: 'What is one half as a decimal?', gold: '0.5', answer: '\\frac{1}{2}' }, 0, signal))
        .vote
    },
    async ask(disputed, completion, signal) {
      if (others.size < MOST_OTHERS) others.add(disputed.gold)
      const { question, gold, answer } = disputed
      if ([question, gold, answer].some((text) => text.length > MOST_CHARACTERS * 4) || answer.length > MOST_CHARACTERS)
        return undefined
      if (performance.now() < awayUntil) return undefined
      try {
        const key = JSON.stringify([question, gold, answer])
        const asked = underWay.get(key) ?? collect(disputed, completion, signal).finally(() => underWay.delete(key))
        underWay.set(key, asked)
        return await asked
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof ServerError)) throw error
        awayUntil = performance.now() + AWAY_MS
        if (!isSaid)
          onNote?.(
            `The judge cannot be asked (${messageOf(error)}) What the checker leaves open stays open meanwhile; spendwise reverify RUN asks again.`,
          )
        isSaid = true
        return undefined
      }
    },
  }
}

/** @throws ConfigError where the file is no template or lacks a placeholder */
function judgePrompt(path: string | undefined, configDirectory: string): PromptTemplate {
  const file = path === undefined ? `${shippedPromptsDirectory}judge.md` : resolveConfigPath(configDirectory, path)
  const prompt = loadPrompt(file)
  const text = prompt.messages.map(({ content }) => content).join('\n')
  const missing = JUDGE_PLACEHOLDERS.find((placeholder) => !text.includes(placeholder))
  if (prompt.api !== 'chat') throw new ConfigError(`${file}  a judge is asked by chat; write api: chat.`)
  if (missing === undefined) return prompt
  throw new ConfigError(
    `${file}  ${missing} is missing; a judge's prompt has {{question}}, {{gold}}, {{answer}} and {{fence}}.`,
  )
}

/** @throws ServerError where it is no answer of this protocol */
function readAnswer(endpoint: Endpoint, text: string): { vote: Vote; tokens: number } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ServerError(`${endpoint.baseURL} answered the judge's question with something that is not JSON.`, {
      cause,
    })
  }
  const { choices, usage } = (value ?? {}) as {
    choices?: { message?: { content?: unknown }; finish_reason?: unknown }[]
    usage?: { prompt_tokens?: unknown; completion_tokens?: unknown }
  }
  const content = choices?.[0]?.message?.content
  const counted = [usage?.prompt_tokens, usage?.completion_tokens].map((it) => (typeof it === 'number' ? it : 0))
  const tokens = counted.reduce((sum, it) => sum + it, 0)
  return { vote: typeof content === 'string' ? readVote(content) : 'unclear', tokens }
}

/** Numbers that no run repeats: a control question that could be predicted is none. */
function secretRandom(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32
}

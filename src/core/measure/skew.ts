/** Skew between server and trainer: whether what would be trained on is, token by token, what was sampled. */

/** A completion as the server tells of it. */
export interface ServerTokens {
  /** undefined where the server tells only how many. */
  readonly promptIds: readonly number[] | undefined
  readonly promptCount: number
  /** With the end-of-text token, where that ended it. */
  readonly completionIds: readonly number[] | undefined
  readonly completionCount: number
  /** It ended by itself: at the end-of-text token or at a stop string. */
  readonly hasEnded: boolean
  /** At which of the two, where the server tells. */
  readonly endedAt: 'end-of-text' | 'stop-string' | undefined
  /** Prompt and completion as its tokenizer puts them together, looked at where it tells no ids of what it sampled. */
  readonly wholeIds: readonly number[] | undefined
  /** The server kept back a part of the text as thinking. */
  readonly hidesThinking: boolean
}

/** The same prompt and text as the trainer would train on them. */
export interface TrainerTokens {
  readonly prompt: readonly number[]
  /** With the end-of-text token. */
  readonly completion: readonly number[]
  /** Its tokens hold the text as it was sampled. */
  readonly isKept: boolean
}

export interface TokenPair {
  readonly server: ServerTokens
  readonly trainer: TrainerTokens
}

const MEND = 'give server and trainer the same tokenizer and chat template'

/** How the completions were asked for. */
export interface SkewRules {
  /** Stop strings may have ended completions, which then lack their end-of-text token. */
  readonly stops: boolean
  /** Asked as one text: nothing writes an end behind it. */
  readonly isText: boolean
}

/**
 * One sentence for what would go wrong; undefined where nothing does. A text that was sampled in other tokens than it is
 * written in is no skew as long as others agree: a model may spell a word in two ways.
 */
export function findSkew(pairs: readonly TokenPair[], rules: SkewRules): string | undefined {
  if (pairs.some(({ server }) => server.hidesThinking)) {
    return 'The server takes thinking out of its answers, so it would never be trained on; take sample.reasoning: join, or start it without a reasoning parser.'
  }
  if (pairs.some(({ trainer }) => !trainer.isKept)) {
    return 'The chat template of the trainer rewrites completions (as some do with <think>), so that another text would be trained on; give it one that keeps them word for word.'
  }
  for (const { server, trainer } of pairs) {
    const prompt = difference(server.promptIds, server.promptCount, trainer.prompt)
    if (prompt !== undefined) return `Server and trainer disagree about the tokens of a prompt (${prompt}); ${MEND}.`
  }
  const ended = pairs.filter(({ server }) => server.wholeIds || (server.hasEnded && server.completionCount > 0))
  const differing = ended.map(({ server, trainer }) => completionDifference(server, trainer, rules))
  const [first] = differing
  if (first === undefined || differing.includes(undefined)) return undefined
  return `Server and trainer disagree about the tokens of ${ended.length === 1 ? 'the only completion' : `all ${ended.length} completions`} (${first}); ${MEND}, and the same end-of-text token.`
}

/**
 * One sentence where the server renders chats by another template than the trainer.
 * @param server hash of its template, where it tells
 */
export function templateSkew(server: string | undefined, trainer: string | undefined): string | undefined {
  if (server === undefined || trainer === undefined || server === trainer) return undefined
  return `The chat template of the server (sha256 ${server.slice(0, 12)}…) is another than the trainer's (${trainer.slice(0, 12)}…); ${MEND}.`
}

function completionDifference(server: ServerTokens, trainer: TrainerTokens, rules: SkewRules): string | undefined {
  const { completionIds, completionCount, wholeIds, endedAt } = server
  if (completionIds === undefined && wholeIds !== undefined) {
    const both = [...trainer.prompt, ...trainer.completion]
    const expected = rules.isText ? both.slice(0, -1) : both
    // What a template writes behind the end of a turn is never sampled.
    return difference(wholeIds.slice(0, expected.length), 0, expected)
  }
  const whole = difference(completionIds, completionCount, trainer.completion)
  if (whole === undefined || !rules.stops || endedAt === 'end-of-text') return whole
  return isCutByStop(completionIds, completionCount, trainer.completion) ? undefined : whole
}

/**
 * Whether a stop string has taken the place of the end-of-text token. Servers count its tokens or leave them out, and the last
 * token of the text may be one with its beginning.
 */
function isCutByStop(server: readonly number[] | undefined, count: number, trainer: readonly number[]): boolean {
  const sure = trainer.slice(0, -2)
  if (server === undefined) return count >= sure.length
  return sure.every((token, i) => token === server[i])
}

function difference(
  server: readonly number[] | undefined,
  count: number,
  trainer: readonly number[],
): string | undefined {
  if (server === undefined) {
    // No count at all is no evidence.
    return count === 0 || count === trainer.length
      ? undefined
      : `${count} on the server, ${trainer.length} in the trainer`
  }
  const at = Array.from({ length: Math.max(server.length, trainer.length) }).findIndex(
    (_, i) => server[i] !== trainer[i],
  )
  if (at < 0) return undefined
  return `token ${at} is ${server[at] ?? 'missing'} on the server and ${trainer[at] ?? 'missing'} in the trainer`
}

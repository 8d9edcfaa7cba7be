/** Asks the recipe for the tokens that it would train on: `train.command` with --check-tokens, which trains nothing. */

import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { TrainerError } from '../core/errors.ts'
import type { TrainerTokens } from '../core/measure/skew.ts'

/** The recipes that know the flag. */
const RECIPES: ReadonlySet<string> = new Set(['train_sft.py', 'train_with.py'])
const EVENT_MARK = '@@sft '
/** Loading its libraries takes a while on a busy machine. */
const DEADLINE_MS = 600_000
const MOST_BYTES = 1 << 28

const tokensSchema = z.object({
  event: z.literal('tokens'),
  prompt: z.array(z.number()),
  completion: z.array(z.number()),
  kept: z.boolean(),
})

const templateSchema = z.object({ event: z.literal('template'), sha256: z.string() })

/** What the recipe tells of itself. */
export interface ToldTokens {
  /** One for each row of the dataset, in order. */
  readonly rows: readonly TrainerTokens[]
  /** Hash of the chat template; undefined where it has none, or does not tell. */
  readonly template: string | undefined
}

export function knowsCheckTokens(command: readonly string[]): boolean {
  return command.some((argument) => RECIPES.has(basename(argument)))
}

/**
 * @param argv the train command, its placeholders filled
 * @throws TrainerError when it cannot be started or refuses the rows
 */
export async function checkTokens(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<ToldTokens> {
  const [program = '', ...args] = argv
  const { cwd, signal } = options
  const { env } = options
  const limits = { timeout: DEADLINE_MS, maxBuffer: MOST_BYTES }
  const { stdout } = await promisify(execFile)(program, [...args, '--check-tokens'], {
    cwd,
    env,
    signal,
    ...limits,
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : ''
    throw noTokens(said || String(error), error)
  })
  return readTold(stdout)
}

export function noTokens(why: string, cause?: unknown): TrainerError {
  return new TrainerError(
    `The trainer does not tell the tokens that it would train on (${why}); fix train.command, or write train.checkTokens: false.`,
    { cause },
  )
}

/** What the recipe has said, wherever it has run. @param text its output, other people's lines included */
export function readTold(text: string): ToldTokens {
  const events = text.split('\n').flatMap((line): unknown[] => {
    return line.startsWith(EVENT_MARK) ? [JSON.parse(line.slice(EVENT_MARK.length))] : []
  })
  const rows = events.flatMap((event) => {
    const { data } = tokensSchema.safeParse(event)
    return data ? [{ prompt: data.prompt, completion: data.completion, isKept: data.kept }] : []
  })
  const template = events.map((event) => templateSchema.safeParse(event).data?.sha256).find(Boolean)
  return { rows, template }
}

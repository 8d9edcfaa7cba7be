/** The skew doctor: before a run trains for the first time, a few fresh completions in the server's tokens and in the trainer's. */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunConfig } from '../config/schema.ts'
import { TrainerError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import { findSkew } from '../core/skew.ts'
import type { TrainJob } from '../core/trainer.ts'
import { fillPlaceholders } from '../process/placeholders.ts'
import { sampleWithTokens } from '../sample/token-ids.ts'
import type { IterationRow } from '../store/iterations.ts'
import { checkTokens, knowsCheckTokens } from '../train/check-tokens.ts'
import { commandPlaceholders } from '../train/command-placeholders.ts'
import type { RunContext } from './context.ts'
import { iterationDirectory } from './folder.ts'
import { endpointOf } from './serving.ts'

/** Prompts of a run that are looked at. */
const ROWS = 6

/** What the comparison needs of a run or of doctor. */
export interface SkewInput {
  readonly config: RunConfig
  readonly configDirectory: string
  readonly signal: AbortSignal
  /** Served name. */
  readonly model: string
  /** Dataset file that gets the rows that are compared. */
  readonly path: string
  readonly job: TrainJob
  /** Prompts as they are trained on, each with a text that stands in where the server's own cannot be compared. */
  readonly rows: readonly { readonly prompt: readonly Message[]; readonly completion: string }[]
}

/** Whether there is anything to compare: a chat, and a trainer that tells its tokens. */
export function canCheckSkew({ train, sample, serve }: RunConfig): boolean {
  return (
    (train.kind === 'command' || train.kind === 'slurm') &&
    train.checkTokens &&
    knowsCheckTokens(train.command) &&
    sample.api === 'chat' &&
    serve.kind !== 'embedded'
  )
}

/** @throws TrainerError in one sentence when training would not see what was sampled */
export async function checkSkewOfRun(
  context: RunContext,
  row: IterationRow,
  model: string,
  job: TrainJob,
): Promise<void> {
  const lines = readFileSync(job.dataset, 'utf8').split('\n').filter(Boolean).slice(0, ROWS)
  const rows = lines.map((line) => JSON.parse(line) as { prompt: Message[]; completion: Message[] })
  const path = join(iterationDirectory(context.directory, row.iteration), 'tokens.jsonl')
  const text = await checkSkew({
    ...context,
    model,
    path,
    job,
    rows: rows.map(({ prompt, completion }) => ({ prompt, completion: completion[0]?.content ?? '' })),
  })
  context.emit({ kind: 'note', text })
}

/**
 * @returns what was found well, for people
 * @throws TrainerError in one sentence when training would not see what was sampled
 */
export async function checkSkew(input: SkewInput): Promise<string> {
  const { config, configDirectory, signal, model, path, job, rows } = input
  const { train, sample } = config
  const [first] = sample.endpoints
  if (!first || (train.kind !== 'command' && train.kind !== 'slurm')) return ''
  const endpoint = endpointOf(first)
  const answers = await Promise.all(rows.map(({ prompt }) => sampleWithTokens(endpoint, model, prompt, sample, signal)))
  const text = rows
    .map(({ prompt, completion }, i) => {
      const answer = answers[i]
      const content = answer?.hasEnded && answer.text !== '' ? answer.text : completion
      return `${JSON.stringify({ prompt, completion: [{ role: 'assistant', content }] })}\n`
    })
    .join('')
  writeFileSync(path, text)
  const sha256 = createHash('sha256').update(text).digest('hex')
  const looked: TrainJob = { ...job, dataset: path, datasetSha256: sha256, rows: rows.length, output: `${path}.none` }
  const argv = fillPlaceholders(train.command, commandPlaceholders(looked))
  const tokens = await checkTokens(argv, { cwd: configDirectory, env: train.env, signal })
  const pairs = answers.flatMap((server, i) => {
    const trainer = tokens[i]
    return trainer ? [{ server, trainer }] : []
  })
  if (pairs.length < rows.length) {
    throw new TrainerError(
      `The trainer told the tokens of ${pairs.length} of ${rows.length} rows of ${path}; its recipe is older than this program, so take recipes/train_sft.py anew or write train.checkTokens: false.`,
    )
  }
  const skew = findSkew(pairs, sample.stop.length > 0)
  if (skew !== undefined) throw new TrainerError(`${skew} The completions that were compared are in ${path}.`)
  const how = pairs.every(({ server }) => server.promptIds) ? 'token by token' : 'by the number of their tokens'
  return `Server and trainer agree on ${pairs.length} completions, ${how}.`
}

/** The skew doctor: before a run trains for the first time, a few fresh completions in the server's tokens and in the trainer's. */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** Prompts that are looked at. */
const ROWS = 6

export interface SkewInput {
  /** Served name. */
  readonly model: string
  /** The job that is about to be submitted. */
  readonly job: TrainJob
}

/** Whether there is anything to compare: a chat, and a trainer that tells its tokens. */
export function canCheckSkew({ config }: RunContext): boolean {
  const { train, sample, serve } = config
  return (
    (train.kind === 'command' || train.kind === 'slurm') &&
    train.checkTokens &&
    knowsCheckTokens(train.command) &&
    sample.api === 'chat' &&
    serve.kind !== 'embedded'
  )
}

/**
 * @throws TrainerError in one sentence when training would not see what was sampled
 */
export async function checkSkew(context: RunContext, row: IterationRow, { model, job }: SkewInput): Promise<void> {
  const { config, directory, configDirectory, signal } = context
  const { train, sample } = config
  const [first] = sample.endpoints
  if (!first || (train.kind !== 'command' && train.kind !== 'slurm')) return
  const endpoint = endpointOf(first)
  const lines = readFileSync(job.dataset, 'utf8').split('\n').filter(Boolean).slice(0, ROWS)
  const rows = lines.map((line) => JSON.parse(line) as { prompt: Message[]; completion: Message[] })
  const answers = await Promise.all(rows.map(({ prompt }) => sampleWithTokens(endpoint, model, prompt, sample, signal)))
  // Where the server's own text is cut off or empty, the trace's stands in, and only the prompt is compared.
  const text = rows
    .map(({ prompt, completion }, i) => {
      const answer = answers[i]
      const content = answer?.hasEnded && answer.text !== '' ? answer.text : completion[0]?.content
      return `${JSON.stringify({ prompt, completion: [{ role: 'assistant', content }] })}\n`
    })
    .join('')
  const path = join(iterationDirectory(directory, row.iteration), 'tokens.jsonl')
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
  const skew = findSkew(pairs, sample.stop.length > 0 || context.prompts.training.stop.length > 0)
  if (skew !== undefined) throw new TrainerError(`${skew} The completions that were compared are in ${path}.`)
  const how = pairs.every(({ server }) => server.promptIds) ? 'token by token' : 'by the number of their tokens'
  context.emit({ kind: 'note', text: `Server and trainer agree on ${pairs.length} completions, ${how}.` })
}

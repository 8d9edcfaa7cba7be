/** The skew doctor: before a run trains for the first time, a few fresh completions in the server's tokens and in the trainer's. */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { keyVariables } from '../../config/key-variables.ts'
import type { RunConfig } from '../../config/schema.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import { TrainerError } from '../../core/errors.ts'
import { findSkew, type ServerTokens, templateSkew } from '../../core/measure/skew.ts'
import type { Message } from '../../core/message.ts'
import { fillPlaceholders } from '../../core/placeholders.ts'
import type { TrainJob } from '../../core/trainer.ts'
import { plural } from '../../core/words/plural.ts'
import { exportLine } from '../../export/formats.ts'
import { childEnvironment } from '../../process/environment.ts'
import { iterationDirectory } from '../../run/folder.ts'
import { sampleWithTokens, type TokenQuestion, tokenizeWhole } from '../../sample/server/token-ids.ts'
import { chatTemplateThere } from '../../sample/server/tokenizer.ts'
import type { IterationRow } from '../../store/iterations.ts'
import { checkTokens, knowsCheckTokens, type ToldTokens } from '../../train/check-tokens.ts'
import { checkTokensByJob } from '../../train/check-tokens-job.ts'
import { commandPlaceholders } from '../../train/command-placeholders.ts'
import { jobOf } from '../../train/program-trainer.ts'
import type { RunContext } from '../context.ts'
import { askedEndpoints } from '../serve/endpoint.ts'
import type { HandOverFacts } from '../serve/hand-over.ts'
import type { Served } from '../serve/served.ts'
import { thinkingOf } from '../serve/thinking.ts'
import { trainerEngine } from './trainers.ts'
import { datasetFormat } from './training.ts'

/** Prompts of a run that are looked at. */
const ROWS = 6

/** What the comparison needs of a run or of doctor. */
export interface SkewInput {
  readonly config: RunConfig
  readonly configDirectory: string
  readonly signal: AbortSignal
  /** Served name. */
  readonly model: string
  /** Where it was served last. */
  readonly baseURL: string
  /** Dataset file that gets the rows that are compared. */
  readonly path: string
  readonly job: TrainJob
  /** Texts that end a completion, the prompt's own too. */
  readonly stop: readonly string[]
  /** Prompts as they are trained on, each with a text that stands in where the server's own cannot be compared. */
  readonly rows: readonly { readonly prompt: readonly Message[]; readonly completion: string }[]
}

/** Whether there is anything to compare: a trainer that tells its tokens. */
export function canCheckSkew({ train }: RunConfig, { server }: HandOverFacts): boolean {
  return 'command' in train && train.checkTokens && knowsCheckTokens(train.command) && server !== 'in-process'
}

/** @throws TrainerError in one sentence when training would not see what was sampled */
export async function checkSkewOfRun(
  context: RunContext,
  row: IterationRow,
  { model, baseURL }: Served,
  job: TrainJob,
): Promise<void> {
  const lines = readFileSync(job.dataset, 'utf8').split('\n').filter(Boolean).slice(0, ROWS)
  const rows = lines.map((line) => readRow(JSON.parse(line) as DatasetRow))
  const path = join(iterationDirectory(context.directory, row.iteration), 'tokens.jsonl')
  const text = await checkSkew({
    ...context,
    model,
    baseURL,
    path,
    job,
    stop: [...context.config.sample.stop, ...context.store.run.prompts().training.stop],
    rows,
  })
  context.emit({ kind: 'note', text })
}

/** As `datasetFormat` has it. */
type DatasetRow =
  | { readonly prompt: string; readonly completion: string }
  | { readonly prompt: readonly Message[]; readonly completion: readonly Message[] }

function readRow({ prompt, completion }: DatasetRow): SkewInput['rows'][number] {
  return {
    prompt: typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt,
    completion: typeof completion === 'string' ? completion : (completion[0]?.content ?? ''),
  }
}

/**
 * @returns what was found well, for people
 * @throws TrainerError in one sentence when training would not see what was sampled
 */
export async function checkSkew(input: SkewInput): Promise<string> {
  const { config, signal, model, path, job, rows, stop } = input
  const { train, sample } = config
  if (!('command' in train)) return ''
  const parameters = { ...sample, stop }
  // Every server may have been started in its own way.
  const asked = askedEndpoints(config, input.baseURL).flatMap((endpoint) => rows.map((row) => ({ endpoint, ...row })))
  const answers = await Promise.all(
    asked.map(async ({ endpoint, prompt, completion }) => {
      const question = { api: sample.api, model, messages: prompt, parameters, thinking: thinkingOf(sample) }
      return { endpoint, prompt, ...(await answerWith(endpoint, question, completion, signal)) }
    }),
  )
  const text = answers.map(({ prompt, content }) => exportRow(config, prompt, content)).join('')
  writeFileSync(path, text)
  const sha256 = createHash('sha256').update(text).digest('hex')
  const looked: TrainJob = { ...job, dataset: path, datasetSha256: sha256, rows: asked.length, output: `${path}.none` }
  const told = await askTrainer(input, train, looked)
  const pairs = answers.flatMap(({ endpoint, server }, i) => {
    const trainer = told.rows[i]
    return trainer ? [{ endpoint, server, trainer }] : []
  })
  if (pairs.length < asked.length) {
    throw new TrainerError(
      `The trainer told the tokens of ${pairs.length} of ${asked.length} rows of ${path}; its recipe is older than this program, so take recipes/train_sft.py again or write train.checkTokens: false.`,
    )
  }
  const rules = { stops: stop.length > 0, isText: sample.api === 'completions' }
  for (const endpoint of new Set(pairs.map((pair) => pair.endpoint))) {
    const own = pairs.filter((pair) => pair.endpoint === endpoint)
    const skew = findSkew(own, rules) ?? templateSkew(await serverTemplate(config, endpoint, signal), told.template)
    if (skew === undefined) continue
    const where = sample.endpoints.length > 1 ? ` The server is the one at ${endpoint.baseURL}.` : ''
    throw new TrainerError(`${skew}${where} The completions that were compared are in ${path}.`)
  }
  return `Server and trainer agree on ${pairs.length} ${plural(pairs.length, 'completion')}, ${howCompared(pairs.map(({ server }) => server))}.`
}

/** Where jobs run, if that is not here. */
async function askTrainer(
  { config, configDirectory, path, signal }: SkewInput,
  train: Extract<RunConfig['train'], { readonly command: unknown }>,
  job: TrainJob,
): Promise<ToldTokens> {
  const jobs = trainerEngine(config).jobs?.({ config, directory: dirname(path), configDirectory }, train)
  if (jobs) return await checkTokensByJob(jobs.engine, jobOf(job, jobs.program), signal)
  const argv = fillPlaceholders(train.command, commandPlaceholders(job))
  const env = childEnvironment(process.env, keyVariables(config), train.env)
  return await checkTokens(argv, { cwd: configDirectory, env, signal })
}

/** A completion in the server's tokens, and the text that the trainer is asked about: its own, where that can be compared. */
async function answerWith(endpoint: Endpoint, question: TokenQuestion, standIn: string, signal: AbortSignal) {
  const { text, ...server } = await sampleWithTokens(endpoint, question, signal)
  const content = server.hasEnded && text !== '' ? text : standIn
  const isTold = server.completionIds !== undefined || server.promptIds === undefined
  const wholeIds = isTold ? undefined : await tokenizeWhole(endpoint, question, content, signal)
  return { server: { ...server, wholeIds }, content }
}

function exportRow({ sample }: RunConfig, prompt: readonly Message[], completion: string): string {
  return `${exportLine(datasetFormat(sample.api), { api: sample.api, prompt, completion })}\n`
}

/** Hash of the server's chat template, where it tells one and it is used. */
async function serverTemplate(
  { sample }: RunConfig,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (sample.api !== 'chat') return undefined
  const template = await chatTemplateThere(endpoint, signal)
  return template === undefined ? undefined : createHash('sha256').update(template.trim()).digest('hex')
}

function howCompared(servers: readonly ServerTokens[]): string {
  if (servers.every(({ promptIds, completionIds }) => promptIds && completionIds)) return 'token by token'
  if (servers.every(({ promptIds, wholeIds }) => promptIds && wholeIds))
    return "token by token (by the server's /tokenize)"
  return 'by the number of their tokens'
}

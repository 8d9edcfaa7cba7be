/** Doctor's completions: three as the run would draw them. Do they end, can they be judged, how fast do they come. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import { optimizationOf } from '../../core/budget/optimization.ts'
import { type Completion, judgedText } from '../../core/completion.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError, TrainerError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import type { Problem } from '../../core/problem.ts'
import { requestSeed } from '../../core/seed.ts'
import type { Serving } from '../../core/server.ts'
import { plural } from '../../core/words/plural.ts'
import { requestFor } from '../../loop/sample/request.ts'
import { handOverEngine } from '../../loop/serve/hand-overs.ts'
import { promptOf } from '../../loop/start.ts'
import { baseCheckpoint, createTools, type Tools } from '../../loop/tools.ts'
import { recipeSettings } from '../../loop/train/recipe-settings.ts'
import { canCheckSkew, checkSkew } from '../../loop/train/skew.ts'
import { trainerEngine } from '../../loop/train/trainers.ts'
import { renderPrompt } from '../../prompt/render.ts'
import type { FoundRun } from '../../run/find-run.ts'
import { FOLDER } from '../../run/folder.ts'
import { plannedTargets } from '../../run/planned.ts'
import type { Send } from '../../sample/protocol/attempt.ts'
import { recordsInMemory } from '../../sample/server/records.ts'
import type { StoredPrompt } from '../../store/runs.ts'
import { createClientSend } from './send.ts'

const COMPLETION_MS = 120_000

/**
 * @param interrupt aborted by Ctrl-C; a server that was started for this is stopped
 * @throws ServerError when the server cannot be reached or started, or is too slow
 */
export async function tryCompletions(
  found: FoundRun,
  prompt: StoredPrompt,
  problems: readonly Problem[],
  interrupt: AbortSignal,
): Promise<Finding[]> {
  const { config, configPath } = found
  const configDirectory = dirname(configPath)
  // A folder of its own: the run may be under way, and its server must be neither found nor stopped from here.
  const directory = mkdtempSync(join(tmpdir(), 'spendwise-doctor-'))
  const send = (endpoint: Endpoint): Send => createClientSend(endpoint, config.sample.api, COMPLETION_MS)
  const tools = await createTools({
    config,
    directory,
    configDirectory,
    records: recordsInMemory(),
    send,
    isTrial: true,
  })
  const deadline = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let isWell = false
  try {
    // Starting has a limit of its own, serve.readySeconds.
    const base = await baseCheckpoint(config, configDirectory)
    const serving = await tools.server.serve(base, interrupt)
    const asked = { model: serving.model, checkpoint: base.hash }
    timer = setTimeout(() => deadline.abort(tooSlow()), COMPLETION_MS)
    const signal = AbortSignal.any([interrupt, deadline.signal])
    const startedAt = performance.now()
    const completions = await Promise.all(
      problems.map((problem) => drawOne(tools, config, prompt, problem, asked, signal)),
    )
    const seconds = (performance.now() - startedAt) / 1000
    const verdicts = await tools.verifier.verify(
      completions.map((completion, i) => ({ gold: problems[i]?.answer ?? '', text: judgedText(completion) })),
      signal,
    )
    const findings = completions.map((completion, i) =>
      describeCompletion(completion, problems[i], verdicts[i]?.kind, verdicts[i]?.extracted),
    )
    const looks = await tools.lookAtServer(interrupt)
    const skew = await describeSkew(found, directory, serving, problems, interrupt)
    isWell = true
    const ends = [...describeEnds(completions, config), ...describeBound(config, completions)]
    return [...findings, ...ends, describeSpeed(completions, seconds), ...looks, ...skew]
  } finally {
    clearTimeout(timer)
    await tools.close()
    // Where a server failed it stays: the server's own words are in it.
    if (isWell || !existsSync(join(directory, FOLDER.serverLog))) rmSync(directory, { recursive: true, force: true })
  }
}

/** The server's tokens against the trainer's, for the prompts as they would be trained on. */
async function describeSkew(
  { config, configPath }: FoundRun,
  directory: string,
  { model, baseURL }: Serving,
  problems: readonly Problem[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const configDirectory = dirname(configPath)
  const base = await baseCheckpoint(config, configDirectory)
  // Nothing is here that a trainer could read.
  if (!canCheckSkew(config, handOverEngine(config)) || base.kind === 'name') return []
  if (trainerEngine(config).jobs) {
    const text = "The server's tokens are compared with the recipe's before the first training, in a job of its own."
    return [{ level: 'note', subject: 'trainer', text }]
  }
  const prompt = promptOf(config.prompt.training, config, configDirectory)
  const rows = problems.map((problem) => ({ prompt: renderPrompt(prompt, problem), completion: problem.answer }))
  const path = join(directory, 'tokens.jsonl')
  const optimization = optimizationOf(config.train, {
    iteration: 0,
    rows: rows.length,
    targets: plannedTargets(config),
    lrFactor: 1,
  })
  const job = { key: 'doctor', iteration: 0, base: base.path, dataset: path, datasetSha256: '', rows: rows.length }
  const files = { output: `${path}.none`, log: `${path}.log` }
  try {
    const stop = [...config.sample.stop, ...prompt.stop]
    const input = { config, configDirectory, signal, model, baseURL, path, rows, stop }
    const text = await checkSkew({
      ...input,
      job: { ...job, ...files, seed: 1, optimization, recipe: recipeSettings(config) },
    })
    return [{ level: 'ok', subject: 'trainer', text }]
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error
    return [{ level: 'problem', subject: 'trainer', text: error.message }]
  }
}

function tooSlow(): ServerError {
  return new ServerError(
    `The server has not answered three requests within ${COMPLETION_MS / 1000} s; look at its load, or lower sample.maxTokens.`,
  )
}

function drawOne(
  tools: Tools,
  config: RunConfig,
  prompt: StoredPrompt,
  problem: Problem,
  { model, checkpoint }: { readonly model: string; readonly checkpoint: string },
  signal: AbortSignal,
): Promise<Completion> {
  const key = { purpose: 'probe', iteration: -1, problem: problem.id, index: 0 } as const
  const head = { key, issue: 0, model, checkpoint, seed: requestSeed(config.seed, key) }
  return tools.sampler.sample(requestFor(head, prompt, problem, config.sample), signal)
}

function describeCompletion(
  completion: Completion,
  problem: Problem | undefined,
  verdict: string | undefined,
  extracted: string | undefined,
): Finding {
  if (completion.finishReason === 'failed') {
    const last = completion.attempts.at(-1)
    return {
      level: 'problem',
      subject: 'completion',
      text: `The server refused the request for ${problem?.id} (${last?.status}: ${last?.message}).`,
    }
  }
  if (completion.finishReason === 'filtered') {
    const why = completion.attempts.at(-1)?.message || 'the server withheld it'
    return {
      level: 'problem',
      subject: 'completion',
      text: `${problem?.id}: nobody knows whether this completion is whole (${why}), so that a run would accept none like it; see docs/servers.md.`,
      detail: completion.text,
    }
  }
  const read = extracted === undefined ? 'no answer found' : `answer read as ${extracted}`
  return {
    level: 'ok',
    subject: 'completion',
    text: `${problem?.id}: ${completion.completionTokens} ${plural(completion.completionTokens, 'token')}${thinkingOf(completion)}, ended by ${completion.finishReason}, ${read}, gold ${problem?.answer}: ${verdict}.`,
    detail: completion.text,
  }
}

/** How much of the text is thinking; a model that is cut in it has answered nothing. */
function thinkingOf({ text, thinking = 0, finishReason }: Completion): string {
  if (thinking === 0) return ''
  if (finishReason === 'length' && thinking >= text.length) return ', cut while it was thinking'
  return `, ${Math.round((100 * thinking) / Math.max(1, text.length))}% of the text thinking`
}

function describeEnds(completions: readonly Completion[], config: RunConfig): Finding[] {
  const answered = completions.filter((completion) => completion.finishReason !== 'failed')
  const cut = answered.filter((completion) => completion.finishReason === 'length').length
  const ended = answered.filter((completion) => completion.finishReason === 'stop').length
  if (answered.length === 0) return []
  if (cut === answered.length) {
    return [
      {
        level: 'problem',
        subject: 'completion',
        text: `No completion ended by itself within sample.maxTokens (${config.sample.maxTokens}); raise it, or give a base model sample.stop strings and api: completions.`,
      },
    ]
  }
  return [
    {
      level: 'ok',
      subject: 'completion',
      text: `${ended} of ${answered.length} completions ended by themselves.`,
    },
  ]
}

/** A bound on the length of traces is nothing where the server does not count tokens. */
function describeBound({ accept }: RunConfig, answered: readonly Completion[]): Finding[] {
  if (accept.maxTokens === null || answered.some(({ completionTokens }) => completionTokens > 0)) return []
  return [
    {
      level: 'problem',
      subject: 'completion',
      text: 'The server tells no number of tokens, so accept.maxTokens cannot be applied; leave it out, or let the server send `usage`.',
    },
  ]
}

function describeSpeed(completions: readonly Completion[], seconds: number): Finding {
  const tokens = completions.reduce((sum, completion) => sum + completion.completionTokens, 0)
  return {
    level: 'ok',
    subject: 'completion',
    text: `${tokens} ${plural(tokens, 'token')} in ${seconds.toFixed(2)} s for ${completions.length} ${plural(completions.length, 'request')} at once.`,
  }
}

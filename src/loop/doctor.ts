/** Doctor: everything a run needs, reached once before it costs anything. */

import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import type { RunConfig } from '../config/schema.ts'
import type { Completion } from '../core/completion.ts'
import { EXIT, type ExitCode, ServerError, SpendwiseError } from '../core/errors.ts'
import type { Finding } from '../core/finding.ts'
import type { Problem } from '../core/problem.ts'
import { requestSeed } from '../core/seed.ts'
import { loadSplits } from '../problems/load.ts'
import { renderPrompt } from '../prompt/render.ts'
import { listModels } from '../sample/probe.ts'
import type { StoredPrompt } from '../store/runs.ts'
import type { FoundRun } from './find-run.ts'
import { promptOf } from './start.ts'
import { baseCheckpoint, createTools, endpointOf, type Tools } from './tools.ts'

const EXAMPLES = 3
const COMPLETION_MS = 120_000

/**
 * @param scratch an existing folder on the disk where the run will be written
 * @returns what was seen, in the order of looking; later checks are left out when they cannot say anything
 */
export async function examine(found: FoundRun, scratch: string): Promise<Finding[]> {
  const { config, configPath, directory } = found
  const findings: Finding[] = [
    { level: 'ok', subject: 'config', text: `${configPath} is understood; the run would be written to ${directory}.` },
  ]
  const configDirectory = dirname(configPath)
  const add = (more: readonly Finding[]): void => void findings.push(...more)
  let problems: readonly Problem[] = []
  let prompt: StoredPrompt | undefined
  await guarded(findings, 'problems', () => {
    const splits = loadSplits(config.problems, config.seed, configDirectory)
    problems = splits.train
    add(describeSplits(splits))
  })
  await guarded(findings, 'prompt', () => {
    prompt = promptOf(config.prompt.sampling, config, configDirectory)
    add(describePrompts(prompt, problems))
  })
  if (config.sample.kind === 'openai') {
    await guarded(findings, 'endpoint', async () => add(await describeEndpoints(config)))
  }
  if (prompt && problems.length > 0 && !findings.some((finding) => finding.level === 'unreachable')) {
    const sampling = prompt
    await guarded(findings, 'completion', async () =>
      add(await tryCompletions(found, sampling, problems.slice(0, EXAMPLES))),
    )
  }
  add(describeTrainer(config, configDirectory))
  add(describeDisk(scratch, config))
  return findings
}

/** 3 when something cannot be reached, 1 when something has to be mended. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some((finding) => finding.level === 'unreachable')) return EXIT.unreachable
  return findings.some((finding) => finding.level === 'problem') ? EXIT.failed : EXIT.done
}

/** A check that throws one of our sentences is a finding; the other checks go on. */
async function guarded(findings: Finding[], subject: string, check: () => void | Promise<void>): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (!(error instanceof SpendwiseError)) throw error
    findings.push({ level: error instanceof ServerError ? 'unreachable' : 'problem', subject, text: error.message })
  }
}

function describeSplits(splits: ReturnType<typeof loadSplits>): Finding[] {
  const { train, gate, evaluate, notes } = splits
  return [
    {
      level: 'ok',
      subject: 'problems',
      text: `${train.length} to train on, ${gate.length} for the gate, ${evaluate.length} to evaluate.`,
    },
    ...notes.map((text): Finding => ({ level: 'note', subject: 'problems', text })),
    ...(gate.length === 0
      ? [
          {
            level: 'note',
            subject: 'problems',
            text: 'No gate problems: every checkpoint is built upon, good or bad.',
          } as const,
        ]
      : []),
    ...(evaluate.length === 0
      ? [
          {
            level: 'note',
            subject: 'problems',
            text: 'No evaluation problems: the report will not say whether it got better.',
          } as const,
        ]
      : []),
  ]
}

function describePrompts(prompt: StoredPrompt, problems: readonly Problem[]): Finding[] {
  return problems.slice(0, EXAMPLES).map((problem) => ({
    level: 'ok',
    subject: 'prompt',
    text: `${problem.id}, as it will be sent (gold answer ${problem.answer}):`,
    detail: renderPrompt(prompt, problem)
      .map((message) => `[${message.role}] ${message.content}`)
      .join('\n'),
  }))
}

async function describeEndpoints(config: RunConfig): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const written of config.sample.endpoints) {
    if (written.apiKeyEnv !== undefined && !process.env[written.apiKeyEnv]) {
      findings.push({
        level: 'problem',
        subject: 'endpoint',
        text: `The environment variable ${written.apiKeyEnv} is empty; set it to the key of ${written.baseURL}.`,
      })
    }
    // With a server of our own there is nobody to reach before the run starts it.
    if (config.serve.kind === 'restart') {
      findings.push({
        level: 'note',
        subject: 'endpoint',
        text: `${written.baseURL} will be served by serve.command; starting it now is part of this check.`,
      })
      continue
    }
    const models = await listModels(endpointOf(written))
    const served = models.find((model) => model.id === written.model)
    const names = models.map((model) => model.id).join(', ')
    findings.push(
      served
        ? {
            level: 'ok',
            subject: 'endpoint',
            text: `${written.baseURL} serves ${served.id}${served.root ? ` from ${served.root}` : ''}${served.maxModelLen ? `, ${served.maxModelLen} tokens of context` : ''}.`,
          }
        : {
            level: 'problem',
            subject: 'endpoint',
            text: `${written.baseURL} serves ${names || 'no model'}, not ${written.model}; correct model in sample.endpoints.`,
          },
    )
  }
  return findings
}

/** Three completions as the run would draw them: do they end, can they be judged, how fast do they come. */
async function tryCompletions(found: FoundRun, prompt: StoredPrompt, problems: readonly Problem[]): Promise<Finding[]> {
  const { config, configPath, directory } = found
  const configDirectory = dirname(configPath)
  const tools = await createTools({
    config,
    directory: existsSync(directory) ? directory : configDirectory,
    configDirectory,
  })
  try {
    const signal = AbortSignal.timeout(COMPLETION_MS)
    const serving = await tools.server.serve(await baseCheckpoint(config, configDirectory), signal)
    const startedAt = performance.now()
    const completions = await Promise.all(
      problems.map((problem) => drawOne(tools, config, prompt, problem, serving.model, signal)),
    )
    const seconds = (performance.now() - startedAt) / 1000
    const verdicts = await tools.verifier.verify(
      completions.map((completion, i) => ({ gold: problems[i]?.answer ?? '', text: completion.text })),
      signal,
    )
    const findings = completions.map((completion, i) =>
      describeCompletion(completion, problems[i], verdicts[i]?.kind, verdicts[i]?.extracted),
    )
    return [...findings, ...describeEnds(completions, config), describeSpeed(completions, seconds)]
  } finally {
    await tools.close()
  }
}

function drawOne(
  tools: Tools,
  config: RunConfig,
  prompt: StoredPrompt,
  problem: Problem,
  model: string,
  signal: AbortSignal,
): Promise<Completion> {
  const key = { purpose: 'probe', iteration: -1, problem: problem.id, index: 0 } as const
  const parameters = { ...config.sample, stop: [...config.sample.stop, ...prompt.stop] }
  const request = {
    key,
    issue: 0,
    messages: renderPrompt(prompt, problem),
    model,
    seed: requestSeed(config.seed, key),
    parameters,
  }
  return tools.sampler.sample(request, signal)
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
  const read = extracted === undefined ? 'no answer found' : `answer read as ${extracted}`
  return {
    level: 'ok',
    subject: 'completion',
    text: `${problem?.id}: ${completion.completionTokens} tokens, ended by ${completion.finishReason}, ${read}, gold ${problem?.answer}: ${verdict}.`,
    detail: completion.text,
  }
}

function describeEnds(completions: readonly Completion[], config: RunConfig): Finding[] {
  const answered = completions.filter((completion) => completion.finishReason !== 'failed')
  const cut = answered.filter((completion) => completion.finishReason === 'length').length
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
      text: `${answered.length - cut} of ${answered.length} completions ended by themselves.`,
    },
  ]
}

function describeSpeed(completions: readonly Completion[], seconds: number): Finding {
  const tokens = completions.reduce((sum, completion) => sum + completion.completionTokens, 0)
  return {
    level: 'ok',
    subject: 'completion',
    text: `${tokens} tokens in ${seconds.toFixed(2)} s for ${completions.length} requests at once.`,
  }
}

function describeTrainer(config: RunConfig, configDirectory: string): Finding[] {
  const { train } = config
  if (train.kind === 'none')
    return [
      {
        level: 'note',
        subject: 'trainer',
        text: 'train.kind is none: the run stops after one iteration and waits for a checkpoint made elsewhere.',
      },
    ]
  if (train.kind === 'embedded') return [{ level: 'ok', subject: 'trainer', text: 'The toy brings its own trainer.' }]
  const program = train.command[0] ?? ''
  if (!findProgram(program, configDirectory)) {
    return [
      {
        level: 'unreachable',
        subject: 'trainer',
        text: `train.command starts ${program}, which is neither a program on the PATH nor a file; install it or correct the path.`,
      },
    ]
  }
  const missing = train.command
    .slice(1)
    .filter(
      (argument) => /^[\w./-]+\.(py|sh|js|ts|mjs)$/.test(argument) && !existsSync(resolve(configDirectory, argument)),
    )
  if (missing.length > 0) {
    return [
      {
        level: 'problem',
        subject: 'trainer',
        text: `train.command names ${missing.join(', ')}, which is not there (relative paths start at ${configDirectory}).`,
      },
    ]
  }
  return [
    {
      level: 'ok',
      subject: 'trainer',
      text: `${program} is there; what it needs itself it will say on its first job.`,
    },
  ]
}

function findProgram(program: string, configDirectory: string): boolean {
  const places =
    isAbsolute(program) || program.includes('/')
      ? [resolve(configDirectory, program)]
      : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const LITTLE_BYTES = 5e9

function describeDisk(scratch: string, config: RunConfig): Finding[] {
  const { bavail, bsize } = statfsSync(scratch)
  const free = bavail * bsize
  const text = `${(free / 1e9).toFixed(1)} GB are free at ${scratch}; up to ${config.keep.last + config.keep.best + 1} checkpoints lie there at a time.`
  return [{ level: free < LITTLE_BYTES && config.sample.kind !== 'embedded' ? 'problem' : 'ok', subject: 'disk', text }]
}

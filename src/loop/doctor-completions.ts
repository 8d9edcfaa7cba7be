/** Doctor's completions: three as the run would draw them. Do they end, can they be judged, how fast do they come. */

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { RunConfig } from '../config/schema.ts'
import type { Completion } from '../core/completion.ts'
import type { Finding } from '../core/finding.ts'
import type { Problem } from '../core/problem.ts'
import { requestSeed } from '../core/seed.ts'
import { renderPrompt } from '../prompt/render.ts'
import type { StoredPrompt } from '../store/runs.ts'
import type { FoundRun } from './find-run.ts'
import { baseCheckpoint, createTools, type Tools } from './tools.ts'

const COMPLETION_MS = 120_000

/** @throws ServerError when the server cannot be reached or started */
export async function tryCompletions(
  found: FoundRun,
  prompt: StoredPrompt,
  problems: readonly Problem[],
): Promise<Finding[]> {
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

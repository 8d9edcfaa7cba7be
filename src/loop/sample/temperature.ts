/** The temperature probe of an iteration: drawn from the checkpoint that it samples from, decided once and stored. */

import { createAcceptance, NO_LIMIT } from '../../core/accept/accept.ts'
import { createIssueOrder } from '../../core/allocate/issue-order.ts'
import { chooseTemperature, type ProbeScore, scoreOf } from '../../core/measure/temperature.ts'
import type { Problem } from '../../core/problem.ts'
import { hash32 } from '../../core/seed.ts'
import type { DrawnRow } from '../../store/completions.ts'
import type { RunContext } from '../context.ts'
import type { Wanted } from './draw.ts'
import { drawMissing, readDrawList } from './draw-list.ts'
import type { SampledFrom } from './sampling.ts'

/** The temperature that the iteration samples at: `sample.temperature` without a probe. */
export async function temperatureOf(context: RunContext, iteration: number, from: SampledFrom): Promise<number> {
  const { probe, sample } = context.config
  if (probe.temperatures.length === 0) return sample.temperature
  const stored = context.store.probes.get(iteration)
  if (stored) return stored.temperature
  await drawProbe(context, iteration, from)
  const scores = scoresOf(context, iteration)
  const temperature = chooseTemperature(scores, probe.by)
  context.store.probes.add({ iteration, temperature, scores })
  const list = scores.map((score) => `${score.temperature}: ${(100 * scoreOf(score, probe.by)).toFixed(0)}%`)
  context.emit({
    kind: 'note',
    text: `Iteration ${iteration} samples at temperature ${temperature} (${probe.by} at ${list.join(', ')}).`,
  })
  return temperature
}

async function drawProbe(context: RunContext, iteration: number, from: SampledFrom): Promise<void> {
  const { config, problems, prompts } = context
  const wanted = wantedProbes(context, iteration)
  const list = await readDrawList(context, { purpose: 'probe', iteration, wanted, problems: problems.train })
  const how = { ...from, prompt: prompts.sampling, parameters: config.sample, spentOn: 'sampling' } as const
  await drawMissing(context, list, how)
}

/** Sample by sample over all problems and temperatures. */
function wantedProbes({ config, problems, weights }: RunContext, iteration: number): Wanted[] {
  const { temperatures, samples, problems: count } = config.probe
  const slice = sliceOf(problems.train, weights, config.seed, iteration, count)
  const out: Wanted[] = []
  for (let sample = 0; sample < samples; sample++) {
    for (const problem of slice) {
      for (const [at, temperature] of temperatures.entries())
        out.push({ issue: out.length, problem, index: at * samples + sample, temperature })
    }
  }
  return out
}

/** Problems in the ratio of their sources, other ones in each iteration. */
function sliceOf(
  problems: readonly Problem[],
  weights: Readonly<Record<string, number>>,
  seed: number,
  iteration: number,
  count: number,
): Problem[] {
  const order = createIssueOrder(problems, weights, hash32(`${seed}/probe`), iteration)
  const out = new Map<string, Problem>()
  // A small source may come round before a large one is through.
  for (let at = 0; out.size < Math.min(count, problems.length); at++) {
    const { problem } = order(at)
    out.set(problem.id, problem)
  }
  return [...out.values()]
}

function scoresOf({ config, store }: RunContext, iteration: number): ProbeScore[] {
  const { temperatures, samples } = config.probe
  const drawn = store.completions.drawn('probe', iteration)
  return temperatures.map((temperature, at) => {
    const own = drawn.filter((row) => Math.floor(row.index / samples) === at)
    const judge = createAcceptance({ ...config.accept, maxPerProblem: null }, NO_LIMIT, {
      seed: config.seed,
      purpose: 'probe',
      iteration,
    })
    const eligible = own.filter((row) => judge(row) === 'accepted')
    return {
      temperature,
      sampled: own.filter((row) => row.finishReason !== 'failed').length,
      eligible: eligible.length,
      problems: problemsIn(own),
      solved: problemsIn(eligible),
    }
  })
}

function problemsIn(rows: readonly DrawnRow[]): number {
  return new Set(rows.map((row) => row.problem)).size
}

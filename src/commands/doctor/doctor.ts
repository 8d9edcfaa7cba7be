/** Doctor: everything a run needs, reached once before it costs anything. */

import { dirname } from 'node:path'
import { resolveConfigPath } from '../../config/parse.ts'
import type { RunConfig } from '../../config/schema.ts'
import { expectedTargets } from '../../core/budget/plan.ts'
import { EXIT, type ExitCode } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import type { Problem } from '../../core/problem.ts'
import { fetchSources } from '../../loop/hub-sources.ts'
import { gateInWords, gateOutlook, USUAL_DROP } from '../../loop/measure/gate-outlook.ts'
import { handOverEngine } from '../../loop/serve/hand-overs.ts'
import { promptOf } from '../../loop/start.ts'
import { baseCheckpoint } from '../../loop/tools.ts'
import { trainerEngine } from '../../loop/train/trainers.ts'
import { loadSplits } from '../../problems/load.ts'
import { missingSources } from '../../problems/source-files.ts'
import { renderPrompt } from '../../prompt/render.ts'
import { costsNow } from '../../run/costs.ts'
import type { FoundRun } from '../../run/find-run.ts'
import { isLocked } from '../../store/lock.ts'
import { lockFile } from '../../store/place/place.ts'
import type { StoredPrompt } from '../../store/runs.ts'
import { gpuMemory } from '../../train/machine.ts'
import { tryCompletions } from './completions.ts'
import { describeDisk } from './disk.ts'
import { describeEndpoints } from './endpoints.ts'
import { guarded } from './guard.ts'
import { describeJudge } from './judge.ts'
import { describeLocks } from './locks.ts'
import { describeFit, type TrainingWay, trainingWay } from './training-fit.ts'

const EXAMPLES = 3
/** Accepted traces a sample, before anything is measured. */
const SUPPOSED_RATE = 0.5

/**
 * @param scratch an existing folder on the disk where the run will be written
 * @param interrupt aborted by Ctrl-C
 * @returns what was seen, in the order of looking; later checks are left out when they cannot say anything
 */
export async function examine(found: FoundRun, scratch: string, interrupt: AbortSignal): Promise<Finding[]> {
  const { config, configPath, directory } = found
  const findings: Finding[] = [
    { level: 'ok', subject: 'config', text: `${configPath} is understood; the run would be written to ${directory}.` },
  ]
  const configDirectory = dirname(configPath)
  const add = (more: readonly Finding[]): void => void findings.push(...more)
  let problems: readonly Problem[] = []
  let prompt: StoredPrompt | undefined
  const missing = missingSources(config.problems, configDirectory)
  add(
    missing.map((path): Finding => {
      const text = `${resolveConfigPath(configDirectory, path)} does not exist; paths are relative to run.yaml.`
      return { level: 'problem', subject: 'problems', text }
    }),
  )
  const isWhole = missing.length === 0
  const ifWhole = (subject: string, work: () => Promise<void>): Promise<void> =>
    isWhole ? guarded(findings, subject, work) : Promise.resolve()
  await ifWhole('problems', async () => {
    const { sources, notes } = await fetchSources(config.problems, { signal: interrupt })
    const splits = loadSplits(sources, config.seed, configDirectory)
    problems = splits.train
    add(describeSplits({ ...splits, notes: [...notes, ...splits.notes] }))
  })
  await ifWhole('gate', async () => {
    const { budget } = config
    const iterations = expectedTargets({ ...budget, costs: costsNow(config, undefined), acceptanceRate: SUPPOSED_RATE })
    const asked = { drop: USUAL_DROP, accuracy: null, iterations: iterations.length, price: null }
    const gate = await gateOutlook(config, configPath, asked)
    if (gate) add([{ level: 'ok', subject: 'gate', text: gateInWords(gate).replace(/^Gate: /, '') }])
  })
  await guarded(findings, 'prompt', () => {
    prompt = promptOf(config.prompt.sampling, config, configDirectory)
    add(describePrompts(prompt, problems))
  })
  if (config.sample.kind === 'openai') {
    add(await describeEndpoints(config, interrupt))
  }
  await guarded(findings, 'judge', async () => add(await describeJudge(config, configDirectory, interrupt)))
  const sampling = prompt
  if (isServing(found)) {
    findings.push({
      level: 'note',
      subject: 'completion',
      text: 'The run is under way and starts and stops its server itself; wait for it to try completions.',
    })
  } else if (sampling && problems.length > 0 && !findings.some((finding) => finding.level === 'unreachable')) {
    await guarded(findings, 'completion', async () =>
      add(await tryCompletions(found, sampling, problems.slice(0, EXAMPLES), interrupt)),
    )
  }
  add(await trainerEngine(config).check({ config, directory, configDirectory }, config.train))
  await guarded(findings, 'disk', () => add(describeLocks(found)))
  const way = await lookAtFit(config, configDirectory, add)
  add(describeDisk(scratch, config, way?.needs))
  return findings
}

/** What training takes is the same on every machine; whether it fits is known only where the jobs run. */
async function lookAtFit(
  config: RunConfig,
  configDirectory: string,
  add: (more: readonly Finding[]) => void,
): Promise<TrainingWay | undefined> {
  const gpus = config.train.kind === 'command' ? await gpuMemory() : []
  const way = trainingWay(config, (await baseCheckpoint(config, configDirectory)).path, gpus)
  if (way) add([describeFit(way, gpus)])
  return way
}

/** A second server at the run's own port would stand in the way of its next hand-over. */
function isServing({ config, directory }: FoundRun): boolean {
  return handOverEngine(config).server === 'started' && isLocked(lockFile(directory))
}

/** 3 when something cannot be reached, 1 when something has to be fixed. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some((finding) => finding.level === 'unreachable')) return EXIT.unreachable
  return findings.some((finding) => finding.level === 'problem') ? EXIT.failed : EXIT.done
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

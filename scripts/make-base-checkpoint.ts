/**
 * Makes the base of the toy model, assets/embedded/base: supervised on worked step problems, stopped early and annealed.
 *
 *     node scripts/make-base-checkpoint.ts [--out DIR] [--steps N] [--decay-steps N] [--threads N]
 *
 * It solves a little under half of the problems, so that self-improvement has something to verify and something to gain.
 * Equal arguments give equal bytes on every machine. Without the decay the same weights score far lower, and a run's
 * first iteration would then look like a large gain that is only learning-rate decay.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { randomFor, shuffled } from '../src/core/seed.ts'
import { hashCheckpoint, type ModelCheckpoint, writeCheckpoint } from '../src/embedded/model/checkpoint.ts'
import { initialParameters } from '../src/embedded/model/model.ts'
import type { PackedTexts } from '../src/embedded/model/packed-texts.ts'
import type { ReplicaReport, TrainingState } from '../src/embedded/model/replica.ts'
import { createTokenizer } from '../src/embedded/model/tokenizer.ts'
import { readTexts } from '../src/embedded/train/dataset.ts'
import { startTraining } from '../src/embedded/train/training.ts'
import { readStepsFile } from '../src/problems/steps/file.ts'
import { generateSteps } from '../src/problems/steps/steps.ts'
import { createVocabulary, stepsVocabulary } from './vocabulary.ts'

const SEED = 1
const COUNTS = { main: 3600, P1: 1800, P2: 600 }
const SIZES = { width: 64, layers: 2, heads: 4, hidden: 256, context: 112 }
const BATCH = 32
const RATE = 3e-3
const WARMUP_STEPS = 100
/** Where the decay to zero begins, as a share of the rate before. */
const DECAY_FROM = 0.6

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    out: { ...text, default: 'assets/embedded/base' },
    steps: { ...text, default: '1000' },
    'decay-steps': { ...text, default: '100' },
    threads: { ...text, default: '2' },
  },
})
const steps = Number(values.steps)
const total = steps + Number(values['decay-steps'])

const file = readStepsFile()
const vocabulary = createVocabulary(stepsVocabulary(file))
const shape = { vocabulary: vocabulary.length, ...SIZES }
const jsonl = trainingRows()
const texts = readTexts(jsonl, 'steps', createTokenizer(vocabulary), shape.context)

const startedAt = performance.now()
let tokens = 0
const losses: number[] = []
const fresh = { step: 0, parameters: initialParameters(shape, SEED), optimizer: undefined }
const steady = { steps, warmupSteps: WARMUP_STEPS, lrStart: RATE, lrEnd: RATE }
const trained = await train(texts, fresh, steady)
// The rate at the last step of the decay is zero: all steps before count as its warm-up.
const decay = { steps: total, warmupSteps: steps, lrStart: DECAY_FROM * RATE, lrEnd: 0 }
const { parameters } = await train(texts, trained, decay)
write({ shape, vocabulary, parameters, optimizer: undefined })

function trainingRows(): string {
  const problems = Object.entries(COUNTS).flatMap(([level, count]) =>
    generateSteps({ file, level, count, seed: SEED, split: 'train' }),
  )
  const rows = shuffled(problems, randomFor(SEED, 'base')).map(({ question, solution }) =>
    JSON.stringify({
      prompt: [{ role: 'user', content: question }],
      completion: [{ role: 'assistant', content: solution }],
    }),
  )
  return `${rows.join('\n')}\n`
}

async function train(
  data: PackedTexts,
  from: TrainingState,
  schedule: { steps: number; warmupSteps: number; lrStart: number; lrEnd: number },
): Promise<TrainingState> {
  let state = from
  const plan = { rows: data.ends.length, batch: BATCH, seed: SEED, length: { kind: 'steps', steps: total } } as const
  const onReport = (report: ReplicaReport): void => {
    if (report.kind === 'diverged') throw new Error(`The loss is no longer a number at step ${report.step}.`)
    if (report.kind === 'state') state = report.state
    if (report.kind !== 'step') return
    tokens += report.tokens
    losses.push(report.loss)
    if ((report.step + 1) % 100 === 0)
      console.error(`step ${report.step + 1} of ${total}, loss ${report.loss.toFixed(3)}`)
  }
  const setup = { shape, from, texts: data, plan, schedule, saveMs: Number.POSITIVE_INFINITY }
  await startTraining(setup, Number(values.threads), onReport).done
  return state
}

function write(checkpoint: ModelCheckpoint): void {
  rmSync(values.out, { recursive: true, force: true })
  mkdirSync(values.out, { recursive: true })
  writeCheckpoint(values.out, checkpoint)
  const metrics = {
    schema: 1,
    dataset: { sha256: createHash('sha256').update(jsonl).digest('hex'), rows: texts.ends.length },
    steps: total,
    tokens,
    loss: { first: losses[0], last: losses.at(-1) },
    seed: SEED,
    checkpoint: { sha256: hashCheckpoint(values.out).replace('sha256:', '') },
  }
  writeFileSync(join(values.out, 'metrics.json'), `${JSON.stringify(metrics, undefined, 2)}\n`)
  console.error(
    `${values.out}: ${metrics.checkpoint.sha256} in ${Math.round((performance.now() - startedAt) / 1000)} s`,
  )
}

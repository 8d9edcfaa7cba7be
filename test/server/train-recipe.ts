/**
 * A small program that keeps the recipe contract: flags in, a checkpoint directory out, by one rename.
 *
 *     node test/server/train-recipe.ts --base-model DIR --dataset FILE.jsonl --expect-dataset-sha256 HEX --output-dir DIR \
 *       --seed 1 --lr 1e-6 --batch-size 32 --epochs 1
 *
 * The checkpoint's skill is the base's plus a gain that grows with the logarithm of the rows seen and with the learning rate.
 * Exit codes: 0 done (also when it was done before), 2 bad input, 3 training failed, 75 stopped with its work saved.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { TrainMetrics } from '../../src/core/trainer.ts'
import { promptLogprobs } from './development.ts'

const DONE = 0
const BAD_INPUT = 2
const FAILED = 3
const STOPPED = 75

const { values } = parseArgs({
  options: {
    'base-model': { type: 'string' },
    dataset: { type: 'string' },
    'expect-dataset-sha256': { type: 'string' },
    'output-dir': { type: 'string' },
    seed: { type: 'string', default: '0' },
    lr: { type: 'string', default: '1e-6' },
    'lr-end': { type: 'string' },
    'warmup-steps': { type: 'string' },
    'optimizer-state': { type: 'string' },
    'batch-size': { type: 'string', default: '32' },
    epochs: { type: 'string', default: '1' },
    'max-steps': { type: 'string' },
    resume: { type: 'boolean', default: false },
    /** Milliseconds the training lasts. */
    'delay-ms': { type: 'string', default: '0' },
    /** Ends with this code in the middle of the training. */
    'fail-code': { type: 'string' },
    /** Scales the gain; below 0 the training does harm. */
    gain: { type: 'string', default: '1' },
    /** A learning rate above this one does harm, so that a retry at a lower one fixes it. */
    'harm-above-lr': { type: 'string', default: 'Infinity' },
  },
})

const output = required('output-dir')
if (existsSync(join(output, 'metrics.json'))) finish(DONE, { event: 'done', already: true })
const base = required('base-model')
const dataset = required('dataset')
if (!existsSync(base)) finish(BAD_INPUT, { event: 'error', message: `base model ${base} does not exist` })
if (!existsSync(dataset)) finish(BAD_INPUT, { event: 'error', message: `dataset ${dataset} does not exist` })
const bytes = readFileSync(dataset)
const sha256 = createHash('sha256').update(bytes).digest('hex')
const expected = required('expect-dataset-sha256')
if (sha256 !== expected) {
  finish(BAD_INPUT, { event: 'error', message: `dataset has sha256 ${sha256}, expected ${expected}` })
}
const rows = bytes
  .toString()
  .split('\n')
  .filter((line) => line.trim() !== '')
if (rows.length === 0) finish(BAD_INPUT, { event: 'error', message: 'the dataset is empty' })
const tokens = rows.reduce((sum, line, i) => sum + completionTokens(line, i), 0)

const lr = Number(values.lr)
const epochs = Number(values.epochs)
const batch = Number(values['batch-size'])
const steps =
  values['max-steps'] === undefined ? Math.ceil((rows.length * epochs) / batch) : Number(values['max-steps'])
const work = `${output}.work`
const startedAt = Date.now()
mkdirSync(work, { recursive: true })
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

let elapsedMs = savedMs()
say({ event: 'start', rows: rows.length, steps, elapsedMs })
while (elapsedMs < Number(values['delay-ms'])) {
  await new Promise((resolve) => setTimeout(resolve, 20))
  elapsedMs += 20
  if (elapsedMs % 500 === 0) say({ event: 'progress', elapsedMs })
}
if (values['fail-code'] !== undefined) finish(Number(values['fail-code']), { event: 'error', message: 'asked to fail' })
if (!(lr > 0)) finish(FAILED, { event: 'error', message: `loss is not finite at learning rate ${lr}` })
writeCheckpoint()
finish(DONE, { event: 'done', output })

function writeCheckpoint(): void {
  const partial = `${output}.tmp`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const before = baseSkill()
  const skill = before + skillGain()
  const weights = `weights of skill ${skill} from seed ${values.seed} and dataset ${sha256}\n`
  const metrics: TrainMetrics & { skill: number; canary: object; arguments: object } = {
    schema: 1,
    dataset: { sha256, rows: rows.length },
    base: { sha256: baseHash() },
    steps,
    tokens: Math.round(tokens * epochs),
    seconds: (Date.now() - startedAt) / 1000,
    loss: { first: Math.exp(-before / 4), last: Math.exp(-skill / 4) },
    seed: Number(values.seed),
    checkpoint: { sha256: createHash('sha256').update(weights).digest('hex') },
    skill,
    canary: canary(before, skill),
    arguments: values,
  }
  writeFileSync(join(partial, 'skill.json'), `${JSON.stringify({ skill })}\n`)
  writeFileSync(join(partial, 'weights.bin'), weights)
  writeFileSync(join(partial, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`)
  renameSync(partial, output)
  rmSync(work, { recursive: true, force: true })
}

/** In logits: 128 rows at 1e-6 give about 0.4; ten times the learning rate gives 1.8 times as much. */
function skillGain(): number {
  const seen = values['max-steps'] === undefined ? rows.length * epochs : steps * batch
  const gain = 0.25 * Math.log1p(seen / 32) * (lr / 1e-6) ** 0.25 * Number(values.gain)
  return lr > Number(values['harm-above-lr']) ? -Math.abs(gain) : gain
}

/** What the test server tells of the same tokens, as a trainer would measure it: rounded otherwise. */
function canary(before: number, after: number): object {
  const tokens = [Array.from({ length: 40 }, (_, i) => i % 17), [3, 1, 2]]
  const measured = (skill: number): number[][] =>
    tokens.map((row) => promptLogprobs(row, skill).map((value) => Number(value.toFixed(4))))
  return { tokens, logprobs: measured(after), before: measured(before) }
}

function baseHash(): string {
  const file = join(base, 'metrics.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).checkpoint.sha256
  return createHash('sha256').update(String(baseSkill())).digest('hex')
}

function baseSkill(): number {
  const file = join(base, 'skill.json')
  return existsSync(file) ? Number(JSON.parse(readFileSync(file, 'utf8')).skill) : -0.5
}

function completionTokens(line: string, i: number): number {
  try {
    const { prompt, completion } = JSON.parse(line)
    return Math.ceil(JSON.stringify([prompt, completion]).length / 4)
  } catch {
    return finish(BAD_INPUT, { event: 'error', message: `${dataset}:${i + 1}  not a JSON row` })
  }
}

function savedMs(): number {
  const file = join(work, 'elapsed.json')
  return existsSync(file) ? Number(JSON.parse(readFileSync(file, 'utf8')).elapsedMs) : 0
}

function stop(): void {
  writeFileSync(join(work, 'elapsed.json'), JSON.stringify({ elapsedMs }))
  finish(STOPPED, { event: 'preempted', elapsedMs })
}

function required(flag: 'base-model' | 'dataset' | 'expect-dataset-sha256' | 'output-dir'): string {
  return values[flag] ?? finish(BAD_INPUT, { event: 'error', message: `--${flag} is missing` })
}

function say(event: object): void {
  console.log(`@@sft ${JSON.stringify(event)}`)
}

function finish(code: number, event: object): never {
  say(event)
  process.exit(code)
}

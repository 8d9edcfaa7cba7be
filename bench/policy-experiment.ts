/**
 * The policy experiment (docs/policy-experiment.md): does a growing n_t beat a constant one at equal total cost, and what is
 * left of it against a constant one whose learning rate is decayed over the run? Killed anywhere, the same command goes on.
 *
 *     npm run experiment:policies [-- --seeds 10 --cost 60000 --lanes 2 --dir FOLDER --rehearse --report --only STAGE --part 1/2]
 *
 * Results: results.json, results.md and results.svg in the folder (runs/policy-experiment). Measured on two cores, about an hour.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SpendwiseError } from '../src/core/errors.ts'
import { writeFigure } from './policy-experiment/figure.ts'
import { renderResults } from './policy-experiment/page.ts'
import { type Place, writeProblems } from './policy-experiment/place.ts'
import { type ArmName, type ExperimentPlan, PLAN, REHEARSAL } from './policy-experiment/plan.ts'
import { gather } from './policy-experiment/results.ts'
import {
  anneal,
  compareIn,
  confirmationKind,
  controlKind,
  inLanes,
  type Job,
  measureBase,
  measureEnd,
  sidesOf,
  tuningKind,
} from './policy-experiment/stages.ts'
import { type Chosen, choose } from './policy-experiment/tuning.ts'

const STAGES = ['tuning', 'confirmation', 'control', 'anneal'] as const
type Stage = (typeof STAGES)[number]

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    cost: { type: 'string' },
    lanes: { type: 'string', default: '1' },
    /** `2/4`: the second quarter of the runs, for several processes at once; with `only`. */
    part: { type: 'string' },
    dir: { type: 'string', default: 'runs/policy-experiment' },
    /** One stage alone; those before it have ended. The time of tuning tells how many seeds there is time for. */
    only: { type: 'string' },
    rehearse: { type: 'boolean', default: false },
    /** What there is so far, without running anything. */
    report: { type: 'boolean', default: false },
  },
})

const place = placeOf()
const lanes = wholeNumber('lanes', values.lanes)
try {
  if (!values.report) await run(place)
  if (values.only === undefined) await report(place)
} catch (error) {
  if (!(error instanceof SpendwiseError)) throw error
  place.tell(error.message)
  process.exitCode = error.exitCode
}

async function run(place: Place): Promise<void> {
  const { plan } = place
  const seeds = Array.from({ length: plan.seeds }, (_, i) => plan.firstSeed + i)
  writeProblems(place)
  for (const stage of values.only === undefined ? STAGES : [stageOf(values.only)]) {
    const jobs = await jobsOf(place, stage, seeds)
    await inLanes(ofPart(jobs), lanes)
  }
}

async function jobsOf(place: Place, stage: Stage, seeds: readonly number[]): Promise<Job[]> {
  const { control, anneal: sides } = place.plan
  if (stage === 'tuning') return tuningJobs(place)
  if (stage === 'control') return seeds.slice(0, control.seeds).map((seed) => controlJob(place, seed))
  const chosen = choose(place)
  if (stage === 'anneal') return await annealJobs(place, chosen, seeds.slice(0, sides.seeds))
  for (const [arm, { text }] of Object.entries(chosen)) place.tell(`${arm}: ${text} chosen`)
  return [...seeds.map((seed) => confirmationJob(place, chosen, seed)), () => measureBase(place)]
}

function stageOf(text: string): Stage {
  const stage = STAGES.find((known) => known === text)
  if (!stage) throw new Error(`--only ${text}: the stages are ${STAGES.join(', ')}.`)
  return stage
}

function ofPart(jobs: readonly Job[]): readonly Job[] {
  if (values.part === undefined) return jobs
  const [part, parts] = values.part.split('/').map((text) => wholeNumber('part', text))
  return jobs.filter((_, i) => i % (parts ?? 1) === (part ?? 1) - 1)
}

/** Alternatives of two arms at a time: all arms have as many. */
function tuningJobs(place: Place): Job[] {
  const { arms, tuningSeed } = place.plan
  return arms.constant.flatMap((_, trial) =>
    (['constant', 'linear'] as const).map((first) => async () => {
      const pair = [arms[first][trial] ?? '', arms[first === 'constant' ? 'exponential' : 'decay'][trial] ?? '']
      await compareIn(place, tuningKind, pair, { first: tuningSeed, count: 1 })
    }),
  )
}

function confirmationJob(place: Place, chosen: Chosen, seed: number): Job {
  return async () => {
    const kind = confirmationKind(place)
    const { runs } = await compareIn(place, kind, textsOf(chosen), { first: seed, count: 1 })
    for (const { name } of runs) await measureEnd(place, kind, name)
  }
}

function controlJob(place: Place, seed: number): Job {
  return async () => {
    const kind = controlKind(place)
    const { runs } = await compareIn(place, kind, place.plan.control.arms, { first: seed, count: 1 })
    for (const { name } of runs) await measureEnd(place, kind, name)
  }
}

async function annealJobs(place: Place, chosen: Chosen, seeds: readonly number[]): Promise<Job[]> {
  const kind = confirmationKind(place)
  const [first = 0] = seeds
  const { runs } = await compareIn(place, kind, textsOf(chosen), { first, count: seeds.length })
  return (['constant', 'exponential'] as const).flatMap((arm: ArmName) =>
    runs
      .filter((run) => run.arm === chosen[arm].text)
      .flatMap(({ name }) => sidesOf(place, kind, arm, name))
      .map((side) => () => anneal(place, side.name, side.path)),
  )
}

function textsOf(chosen: Chosen): string[] {
  return Object.values(chosen).map(({ text }) => text)
}

async function report(place: Place): Promise<void> {
  const results = await gather(place)
  writeFileSync(join(place.directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  const text = renderResults(results, place.plan)
  writeFileSync(join(place.directory, 'results.md'), text)
  await writeFigure(join(place.directory, 'results.svg'), results, place.plan)
  process.stdout.write(text)
}

function placeOf(): Place {
  const base = values.rehearse ? REHEARSAL : PLAN
  const plan: ExperimentPlan = {
    ...base,
    seeds: values.seeds === undefined ? base.seeds : wholeNumber('seeds', values.seeds),
    cost: values.cost === undefined ? base.cost : wholeNumber('cost', values.cost),
  }
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  const directory = resolve(values.dir)
  mkdirSync(directory, { recursive: true })
  const tell = (line: string): void => {
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
  }
  return { directory, plan, signal: controller.signal, tell }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text}: give a whole number of at least 1.`)
  return value
}

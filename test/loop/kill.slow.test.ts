/** Three hundred kills, in every phase of three kinds of runs: each run ends as if nothing had happened. */

import { afterAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { runCommand } from './command.ts'
import {
  countPhases,
  faultsOf,
  type KilledPhase,
  killOwned,
  makeWorkplace,
  NO_FAULTS,
  outcomeOf,
  PHASES,
  removeWorkplace,
  runUnderKills,
  SMALL_TOY,
} from './killing.ts'
import { createOwnLoop, ownLoopYaml } from './own-loop.ts'
import { freePort, makeProblems, toRows, trainSection } from './workplace.ts'

/** A share of the three hundred, for a first look: SPENDWISE_KILLS=0.2. */
const SHARE = Number(process.env.SPENDWISE_KILLS ?? 1)
/** More would keep a run from ever getting on. */
const KILLS_PER_RUN = 12

interface Variant {
  readonly title: string
  readonly kills: number
  /** The trainer and the server die with the run, as when the machine goes down. */
  readonly everything: boolean
  readonly make: () => Promise<string>
  readonly args: () => Promise<readonly string[]>
}

const COMMAND = ['run', 'run.yaml', '--json']

/** Real processes: a server that outlives its run and has to be adopted or replaced, a trainer that continues alone. */
async function makeServedWorkplace(): Promise<string> {
  const place = createOwnLoop(200, 0)
  place.write('held-out.jsonl', toRows(makeProblems(60, 1000), 'h'))
  const half = (rows: string): string => `[{ dataset: jsonl, path: held-out.jsonl, take: ${rows} }]`
  const faults = ['--fault-5xx', '0.03', '--cut', '0.02']
  const yaml = await ownLoopYaml({
    problems: `gate: ${half('first-30')}, evaluate: ${half('last-30')}`,
    sample: 'concurrency: 16',
    budget: '{ policy: { kind: constant, initial: 60 }, iterations: 2 }',
    more: 'gate: { onFail: continue }',
    train: trainSection(['--delay-ms', '400']),
    server: ['--problems', 'held-out.jsonl', '--service-rate', '250', '--load-ms', '150', ...faults],
  })
  place.write('run.yaml', yaml)
  return place.folder
}

async function atFreePort(): Promise<readonly string[]> {
  return [...COMMAND, '--set', `sample.endpoints.0.baseURL=http://127.0.0.1:${await freePort()}/v1`]
}

const VARIANTS: readonly Variant[] = [
  {
    title: 'the toy',
    kills: 110,
    everything: false,
    make: async () => makeWorkplace(SMALL_TOY),
    args: async () => COMMAND,
  },
  {
    title: 'the toy, its trainer killed along with it',
    kills: 80,
    everything: true,
    make: async () => makeWorkplace(SMALL_TOY),
    args: async () => COMMAND,
  },
  {
    title: 'a server and a trainer of their own, which survive',
    kills: 55,
    everything: false,
    make: makeServedWorkplace,
    args: atFreePort,
  },
  {
    title: 'a server and a trainer of their own, killed along with it',
    kills: 55,
    everything: true,
    make: makeServedWorkplace,
    args: atFreePort,
  },
]

/** Phase of every kill, over all variants. */
const all: KilledPhase[] = []

describe.skipIf(process.platform !== 'linux').each(VARIANTS)('$title', (variant) => {
  const fallen: KilledPhase[] = []
  const kills = Math.ceil(variant.kills * SHARE)
  let undisturbed = ''
  let lifeMs = 0

  test('undisturbed, comes to its end', async () => {
    undisturbed = await variant.make()
    const startedAt = performance.now()
    const ended = await runCommand(await variant.args(), { cwd: undisturbed })
    lifeMs = performance.now() - startedAt
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(faultsOf(undisturbed)).toEqual(NO_FAULTS)
  })
  afterAll(() => {
    console.table({ [variant.title]: countPhases(fallen) })
    removeWorkplace(undisturbed)
  })

  test(`killed ${kills} times over many runs, each ends with the same traces, evaluations and weights`, async () => {
    for (let seed = 1; fallen.length < kills; seed++) {
      const folder = await variant.make()
      const directory = `${folder}/runs/small`
      try {
        const random = createRandom(seed)
        const args = await variant.args()
        const { everything } = variant
        const run = await runUnderKills(folder, { kills: KILLS_PER_RUN, lifeMs, random, args, everything })
        fallen.push(...run.kills)
        all.push(...run.kills)
        expect({ seed, code: run.code, stderr: run.stderr }).toEqual({ seed, code: 0, stderr: '' })
        expect({ seed, faults: faultsOf(folder) }).toEqual({ seed, faults: NO_FAULTS })
        expect({ seed, outcome: outcomeOf(folder) }).toEqual({ seed, outcome: outcomeOf(undisturbed) })
        expect({ seed, left: killOwned(directory) }).toEqual({ seed, left: 0 })
      } catch (error) {
        console.error(`seed ${seed} is kept in ${folder}`)
        throw error
      } finally {
        killOwned(directory)
      }
      removeWorkplace(folder)
    }
  })
})

test.skipIf(process.platform !== 'linux')('all of them together have hit every phase', () => {
  // `evaluating` alone is the moment before the first draw, which may be too short to be met.
  const missed = PHASES.filter((phase) => !all.includes(phase) && phase !== 'evaluating')
  expect(missed).toEqual([])
})

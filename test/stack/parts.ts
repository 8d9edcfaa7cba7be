/** The parts of the real-stack tests that share a Python: a real server, a real trainer, kills and Ctrl-C, and the switch of weights. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../../src/core/events.ts'
import { HAND_OVER_STEPS } from '../../src/core/server.ts'
import { askCanaries, isEqual } from '../../src/sample/server/canary.ts'
import { createMemoryJournal } from '../../src/serve/memory-journal.ts'
import { createRestartServer } from '../../src/serve/restart.ts'
import { killOwned } from '../loop/killing.ts'
import { allHold, failed, type Outcome } from './outcome.ts'
import { stackPython } from './python.ts'
import {
  createRealLoop,
  freePort,
  MODEL,
  query,
  type RealLoop,
  type RunUntil,
  serveCommand,
  serverLog,
} from './real-loop.ts'
import { ensureSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.ts'

/** One for all parts that train; undefined where there can be none, and jobs are then processes of this machine's own. */
let cluster: Promise<SlurmCluster> | undefined

async function clusterHere(): Promise<SlurmCluster | undefined> {
  const why = ensureSlurm()
  if (why === undefined) {
    cluster ??= startSlurm()
    return await cluster
  }
  console.error(`Training without Slurm (${why}).`)
  return undefined
}

/** A run that nobody disturbs, made once for the parts that look at it. */
let calm: Promise<RealLoop | Outcome> | undefined

async function runCalmly(): Promise<RealLoop | Outcome> {
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const loop = await createRealLoop(python.program, await clusterHere())
  const { code, stderr } = await loop.run()
  if (code === 0) return loop
  const why = `the run ended with ${code}: ${stderr} ${existsSync(loop.directory) ? serverLog(loop) : ''}`
  loop.remove()
  return failed(why)
}

async function withCalmRun(look: (loop: RealLoop) => Outcome | Promise<Outcome>): Promise<Outcome> {
  calm ??= runCalmly()
  const loop = await calm
  return 'kind' in loop ? loop : await look(loop)
}

/** Ends whatever the parts have left to each other. */
export async function removeCalmRun(): Promise<void> {
  const loop = await calm
  if (loop && !('kind' in loop)) loop.remove()
  await (await cluster)?.close()
}

/** Two iterations sampled from a real server, each from the checkpoint before. */
export function serverPart(): Promise<Outcome> {
  return withCalmRun((loop) => {
    const { state, iterations } = loop.status()
    const checkpoints = [MODEL, join(loop.directory, 'checkpoints/00'), join(loop.directory, 'checkpoints/01')]
    const answered = query<{ path: string; model: string; n: number }>(
      loop,
      'select c.path, m.model, count(*) as n from completion m join checkpoint c on c.id = m.checkpoint group by 1, 2',
    )
    return allHold([
      ['the run is done', state === 'done'],
      ['n_t was met in both iterations', iterations.map((row) => row.accepted).join() === '30,30'],
      ['three checkpoints answered, each under its own path', answered.length === 3],
      [
        'the server said whose completions they are',
        answered.every(({ path, model }) =>
          checkpoints.some((place) => place.endsWith(path) && model === `${place}@main`),
        ),
      ],
    ])
  })
}

/** Both checkpoints came out of TRL, from the dataset of their iteration, with other weights each. */
export function trainerPart(): Promise<Outcome> {
  return withCalmRun((loop) => {
    const metrics = ['00', '01'].map((name) => JSON.parse(read(loop, `checkpoints/${name}/metrics.json`)))
    const hashes = ['00', '01'].map((name) => read(loop, `iterations/${name}/dataset.sha256`).slice(0, 64))
    return allHold([
      ['each trained on its own dataset', metrics.every((one, i) => one.dataset.sha256 === hashes[i])],
      ['thirty rows, ten times', metrics.every((one) => one.dataset.rows === 30 && one.steps === 30)],
      ['TRL did it', metrics.every((one) => one.versions.trl !== undefined)],
      ['the second began where the first ended', metrics[1].base.sha256 === metrics[0].checkpoint.sha256],
      ['the weights differ', metrics[0].checkpoint.sha256 !== metrics[1].checkpoint.sha256],
    ])
  })
}

const sampled = (purpose: string) => (event: RunEvent) =>
  event.kind === 'sampling' && event.purpose === purpose && event.sampled > 3
const trains = (event: RunEvent) => event.kind === 'training'

type Kill = readonly [when: string, RunUntil]

/** In the order in which the run comes there, up to the first training. */
const KILLS_BEFORE: readonly Kill[] = [
  ['while the base is loaded', { crashAt: 'server-started' }],
  ['while the base is measured', { stopAt: sampled('evaluate') }],
  ['while sampling', { stopAt: sampled('train') }],
  ['when the job has just been submitted', { crashAt: 'job-submitted' }],
  ['while training', { stopAt: trains }],
]
/** And from there on; whether in the first hand-over or the second depends on what is still found running. */
const KILLS_AFTER: readonly Kill[] = [
  ['before the old server has ended', { crashAt: 'hand-over-intended' }],
  ['while the new weights are loaded', { crashAt: 'server-stored' }],
  ['when the new weights have been proven', { crashAt: 'server-proven' }],
]

/**
 * One loop of server, TRL and Slurm: killed in every phase and once asked to stop while it trains; then through to the end, with
 * nothing lost and nothing left.
 */
export async function resumePart(): Promise<Outcome> {
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const slurm = await clusterHere()
  const loop = await createRealLoop(python.program, slurm)
  try {
    const lived = await firstThatLived(loop, KILLS_BEFORE)
    if (lived) return failed(lived)
    const cancelled = await loop.run({ stopAt: trains, signal: 'SIGINT' })
    const left = killOwned(loop.directory)
    const queued = slurm?.slurm('squeue', '--noheader', '--states=PENDING,RUNNING') ?? ''
    const livedAfter = await firstThatLived(loop, KILLS_AFTER)
    if (livedAfter) return failed(livedAfter)
    const end = await loop.run()
    if (end.code !== 0) return failed(`it did not continue to its end but ended with ${end.code}: ${end.stderr}`)
    const { state, iterations } = loop.status()
    const twice = query(loop, 'select 1 from completion group by purpose, iteration, problem, idx having count(*) > 1')
    const weights = query<{ name: string; n: number }>(
      loop,
      'select name, count(distinct weights) as n from hand_over group by name',
    )
    return allHold([
      [`Ctrl-C ended it with 130 (it was ${cancelled.code})`, cancelled.code === 130],
      ['Ctrl-C left no server and no trainer behind', left === 0],
      [`Ctrl-C left no job in the queue (${queued})`, queued === ''],
      ['the run is done', state === 'done'],
      ['n_t was met in both iterations', iterations.map((row) => row.accepted).join() === '30,30'],
      ['no completion is there twice', twice.length === 0],
      ['every job is at its end', (slurm?.slurm('squeue', '--noheader', '--states=PENDING,RUNNING') ?? '') === ''],
      ['one job trained in each iteration', ['00', '01'].every((name) => trainedOnce(loop, name))],
      ['no name has stood for two sets of weights', weights.length === 3 && weights.every(({ n }) => n === 1)],
    ])
  } finally {
    loop.remove()
  }
}

/** Kills the run at each place in turn; the sentence on the first one that it did not die at. */
async function firstThatLived(loop: RealLoop, kills: readonly Kill[]): Promise<string | undefined> {
  for (const [when, until] of kills) {
    const { signal, code, stderr } = await loop.run(until)
    if (signal !== 'SIGKILL') return `${when}: it was not killed but ended with ${code}: ${stderr}`
  }
  return undefined
}

/** A job that is stopped continues from its saved step, and does not begin again. */
function trainedOnce(loop: RealLoop, iteration: string): boolean {
  const starts = read(loop, `iterations/${iteration}/train.log`).match(/"event": "start", "step": 0\b/g)
  return starts?.length === 1
}

/** The weights that answer are the checkpoint's: same questions, asked greedily, before the switch, after it, and back again. */
export function handOverPart(): Promise<Outcome> {
  return withCalmRun(async (loop) => {
    const python = stackPython()
    if (python.kind === 'missing') return failed(python.why)
    const endpoint = { baseURL: `http://127.0.0.1:${await freePort()}/v1`, apiKey: undefined, apiKeyEnv: undefined }
    const never = new AbortController().signal
    const ask = (model: string) => askCanaries(endpoint, 'chat', model, never)
    const server = createRestartServer({
      command: serveCommand(python.program, false),
      cwd: loop.folder,
      log: join(loop.folder, 'hand-over.log'),
      runMarker: `${loop.directory}#hand-over`,
      baseURL: endpoint.baseURL,
      runName: 'hand-over',
      locate: ({ path }) => path,
      readySeconds: 600,
      stopSeconds: 30,
      memory: undefined,
      journal: createMemoryJournal(),
      probe: async (model) => void (await ask(model)),
    })
    const row = (path: string, iteration: number) =>
      ({ iteration, attempt: 0, kind: 'full', path, hash: path }) as const
    const trained = row(join(loop.directory, 'checkpoints/01'), 1)
    try {
      const base = await server.serve(row(MODEL, -1), never)
      const before = await ask(base.model)
      const again = await ask(base.model)
      const next = await server.serve(trained, never)
      const after = await ask(next.model)
      const oldName = await ask(base.model).then(
        () => 'answers',
        () => 'is refused',
      )
      const steps = query<{ step: string }>(loop, 'select step from hand_over').map(({ step }) => step)
      const restart = HAND_OVER_STEPS.filter((step) => !['reloading', 'loaded', 'unloaded'].includes(step))
      return allHold([
        ['the same weights answer the same', isEqual(before.texts, again.texts)],
        ['other weights answer otherwise', !isEqual(before.texts, after.texts)],
        ['the old name is refused', oldName === 'is refused'],
        ['every step of every hand-over is written down', steps.join().includes([...restart, ...restart].join())],
      ])
    } finally {
      await server.release()
    }
  })
}

function read({ directory }: RealLoop, name: string): string {
  return readFileSync(join(directory, name), 'utf8')
}

/** The loop on a real language model: a folder with its run.yaml, and the command line started there, also to be killed. */

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RunEvent } from '../../src/core/events.ts'
import { type FilledFlag, RECIPE_FLAGS, recipeFlags } from '../../src/core/placeholders.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { CRASH_VARIABLE, type CrashPoint } from '../../src/process/crash-point.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { killOwned } from '../loop/killing.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The checkpoint that make_model.py has made. */
export const MODEL: string = join(ROOT, 'test/stack/model')
const RECIPE = join(ROOT, 'recipes/train_sft.py')
const BIN = join(ROOT, 'bin/spendwise.js')

export interface RealLoop {
  readonly folder: string
  /** The run folder. */
  readonly directory: string
  /** Runs to the end, or to where it is stopped. */
  run(options?: RunUntil): Promise<Ended>
  /** Another command of spendwise, in the same folder. */
  command(args: readonly string[]): Promise<Ended>
  status(): RunStatus
  /** Ends whatever is left of it, and its folder. */
  remove(): void
}

export interface RunUntil {
  /** It kills itself there. */
  readonly crashAt?: CrashPoint
  /** Sends the signal at the first event for which this holds. */
  readonly stopAt?: (event: RunEvent) => boolean
  readonly signal?: NodeJS.Signals
  /** What is done before that, in this order, each at the first event for which its moment has come. */
  readonly before?: readonly Moment[]
}

interface Moment {
  readonly at: (event: RunEvent) => boolean
  readonly act: () => void
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Where jobs train that are not processes of this machine's own. */
export interface ThroughSlurm {
  /** For every command that talks to the cluster. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * @param program absolute path of a program of the Python environment
 * @param slurm trains there, under torchrun
 */
export async function createRealLoop(program: (name: string) => string, slurm?: ThroughSlurm): Promise<RealLoop> {
  return openLoop(yaml(await freePort(), program, slurm !== undefined), slurm?.env)
}

/**
 * A folder with this run.yaml, whose `name` is `small`.
 * @param env added to the environment of every command
 */
export function openLoop(text: string, env: Readonly<Record<string, string>> = {}): RealLoop {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-stack-'))
  const directory = join(folder, 'runs/small')
  // transformers serve answers its list of models with an error where its cache is not there.
  mkdirSync(join(folder, 'hub/hub'), { recursive: true })
  writeFileSync(join(folder, 'run.yaml'), text)
  return {
    folder,
    directory,
    run: (options = {}) => start(folder, ['run', 'run.yaml', '--json'], options, env),
    command: (args) => start(folder, args, {}, env),
    status() {
      const { stdout } = spawnSync(process.execPath, [BIN, 'status', directory, '--json'], { encoding: 'utf8' })
      return JSON.parse(stdout) as RunStatus
    },
    remove() {
      killOwned(directory)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The real server as `serve.command`, batching or one request after the other. */
export function serveCommand(program: (name: string) => string, isBatching: boolean): string[] {
  const batching = ['--continuous-batching', '--cb-num-blocks', '512', '--cb-max-batch-tokens', '512']
  return [
    ...['env', 'HF_HUB_OFFLINE=1', 'HF_HOME=hub', 'OMP_NUM_THREADS=1', program('transformers')],
    ...['serve', '{checkpoint}', '--host', '127.0.0.1', '--port', '{port}', '--device', 'cpu'],
    ...(isBatching ? batching : []),
  ]
}

/** The recipe as `train.command`, without the program that runs it. */
export function recipeCommand(more: Readonly<Record<string, string>> = {}): string[] {
  const always = { '--save-steps': '1', ...more }
  return [RECIPE, ...recipeFlags(...FILLED), ...Object.entries(always).flat()]
}

/** All that `init` hands over: torchrun reads along, and takes what it can for its own. */
const FILLED = Object.keys(RECIPE_FLAGS) as FilledFlag[]

function yaml(port: number, program: (name: string) => string, isSlurm: boolean): string {
  const launcher = isSlurm ? [program('torchrun'), '--standalone', '--nproc-per-node', '1'] : [program('python')]
  const train = [...launcher, ...recipeCommand()]
  const engine = isSlurm ? 'slurm, partition: train, time: 30, pollSeconds: 1' : 'command'
  return `name: small
base: ${MODEL}
problems:
  train: [{ dataset: steps, level: main, count: 400 }]
  evaluate: [{ dataset: steps, level: main, count: 40 }]
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }], maxTokens: 64, concurrency: 16 }
budget: { policy: { kind: constant, initial: 30 }, iterations: 2 }
evaluate: { greedy: false }
train: { kind: ${engine}, command: ${JSON.stringify(train)}, env: { OMP_NUM_THREADS: "1" }, batch: 10, epochs: 10, lr: 1.0e-4 }
serve: { kind: restart, share: train, readySeconds: 600, command: ${JSON.stringify(serveCommand(program, true))} }
`
}

async function start(
  cwd: string,
  args: readonly string[],
  { crashAt, stopAt, signal = 'SIGKILL', before = [] }: RunUntil,
  added: Readonly<Record<string, string>>,
): Promise<Ended> {
  const crash: Record<string, string> = crashAt === undefined ? {} : { [CRASH_VARIABLE]: crashAt }
  const env = { ...process.env, NO_COLOR: '1', ...added, ...crash }
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop: readonly Moment[] = stopAt ? [{ at: stopAt, act: () => void child.kill(signal) }] : []
  const moments = [...before, ...stop]
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    const [next] = moments
    if (!next?.at(JSON.parse(line) as RunEvent)) return
    moments.shift()
    next.act()
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, by) => resolve({ code, signal: by, stdout: lines.join('\n'), stderr }))
  })
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

/** The server's log of a run, for what went wrong. */
export function serverLog({ directory }: RealLoop): string {
  return readFileSync(join(directory, 'server.log'), 'utf8').split('\n').slice(-5).join('\n')
}

/** Rows of a run's database. */
export function query<Row>({ directory }: RealLoop, sql: string): Row[] {
  const db = openDatabase(join(directory, DATABASE_FILE), { readonly: true })
  try {
    return db.prepare<[], Row>(sql).all()
  } finally {
    db.close()
  }
}

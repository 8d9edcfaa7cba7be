/**
 * A real Slurm on this machine, of one node or of several that are all this machine: Debian's packages, a key and a configuration of its
 * own in a temporary folder, daemons on 127.0.0.1 that are ended by their process ids.
 */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../loop/workplace.ts'

export const SLURM_PACKAGES = ['slurmctld', 'slurmd', 'slurm-client', 'munge'] as const
const PROGRAMS = ['/usr/sbin/slurmctld', '/usr/sbin/slurmd', '/usr/sbin/munged', '/usr/bin/sbatch'] as const
/** More than the machine has, so that jobs of several tests run side by side; none of them is large. */
const NODE_CPUS = 8
const READY_MS = 60_000

export interface SlurmCluster {
  /** For every Slurm command, and for spendwise. */
  readonly env: Readonly<Record<string, string>>
  /** Runs a Slurm command to its end. @throws Error when its exit code is not 0 */
  slurm(...argv: readonly string[]): string
  /** Stops the controller where it is: it takes connections and gives no answer. */
  freezeController(): void
  thawController(): void
  readonly controllerPidFile: string
  /** Ends the controller, as its machine going down would; jobs continue. */
  stopController(): Promise<void>
  startController(): Promise<void>
  /** Ends everything that was started, jobs too, and removes the folder. */
  close(): Promise<void>
}

/** Installs the packages where that is allowed. @returns why there is no Slurm here; undefined when there is one */
export function ensureSlurm(): string | undefined {
  if (process.platform !== 'linux') return 'Slurm needs Linux'
  if (process.getuid?.() !== 0) return 'its daemons are started as root here'
  if (PROGRAMS.every((program) => existsSync(program))) return undefined
  if (!isProgram('/usr/bin/apt-get')) return `there is no apt-get to install ${SLURM_PACKAGES.join(', ')}`
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' })
  const install = ['install', '-q', '-y', '--no-install-recommends', ...SLURM_PACKAGES]
  const { status, stderr } = spawnSync('apt-get', install, { env, encoding: 'utf8' })
  return status === 0 ? undefined : `apt-get ended with ${status}: ${stderr.trim().split('\n').at(-1)}`
}

/**
 * @param options.nodes daemons that each stand for a machine; one where it is left out
 * @throws Error when a daemon does not come up, with the last words of its log
 */
export async function startSlurm({ nodes = 1 } = {}): Promise<SlurmCluster> {
  const names = nodeNames(nodes)
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-slurm-'))
  const at = (...names: string[]): string => join(folder, ...names)
  for (const name of ['run', 'log', 'state', ...names.map((node) => `spool-${node}`)])
    mkdirSync(at(name), { mode: 0o700 })
  writeFileSync(at('munge.key'), randomBytes(1024), { mode: 0o600 })
  writeFileSync(at('slurm.conf'), await configuration(folder, names))
  // munged refuses a socket that others could replace.
  chmodSync(folder, 0o755)
  chmodSync(at('run'), 0o755)
  const env = { SLURM_CONF: at('slurm.conf') }

  const slurm = (...argv: readonly string[]): string => {
    const [program = '', ...args] = argv
    const { status, stdout, stderr } = spawnSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`)
    return stdout.trim()
  }
  const pidOf = (daemon: string): number | undefined =>
    existsSync(at('run', `${daemon}.pid`)) ? Number(readFileSync(at('run', `${daemon}.pid`), 'utf8')) : undefined
  const stop = async (daemon: string): Promise<void> => {
    const pid = pidOf(daemon)
    if (pid !== undefined && signal(pid, 'SIGTERM')) await until(() => !signal(pid, 0), `${daemon} ends`)
  }
  const startController = async (): Promise<void> => {
    slurm('/usr/sbin/slurmctld')
    await until(() => isAnswered(() => slurm('squeue')), 'the controller answers')
  }
  const close = async (): Promise<void> => {
    if (pidOf('slurmctld') !== undefined) {
      await isAnswered(() => slurm('scancel', '--user=root'))
      await until(() => slurm('squeue', '--noheader') === '', 'jobs end').catch(() => undefined)
    }
    for (const daemon of ['slurmctld', ...names.map(daemonOf), 'munged']) await stop(daemon)
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    const files = { 'key-file': at('munge.key'), socket: at('run/munge.sock'), 'pid-file': at('run/munged.pid') }
    const more = { 'log-file': at('log/munged.log'), 'seed-file': at('run/munged.seed') }
    slurm(
      '/usr/sbin/munged',
      '--force',
      ...Object.entries({ ...files, ...more }).map(([key, path]) => `--${key}=${path}`),
    )
    await startController()
    for (const node of names) slurm('/usr/sbin/slurmd', '-N', node)
    const areIdle = (): boolean =>
      /^(?:idle\n?)+$/.test(slurm('sinfo', '--noheader', '--Node', '--partition=train', '--format=%T'))
    await until(areIdle, 'the nodes are idle')
  } catch (error) {
    const words = ['munged', 'slurmctld', ...names.map(daemonOf)]
      .map((name) => lastWords(at('log', `${name}.log`)))
      .join('\n')
    await close()
    throw new Error(`Slurm did not start: ${words}`, { cause: error })
  }
  return {
    env,
    slurm,
    freezeController: () => void signal(pidOf('slurmctld') ?? 0, 'SIGSTOP'),
    thawController: () => void signal(pidOf('slurmctld') ?? 0, 'SIGCONT'),
    controllerPidFile: at('run/slurmctld.pid'),
    stopController: () => stop('slurmctld'),
    startController,
    close,
  }
}

async function configuration(folder: string, nodes: readonly string[]): Promise<string> {
  const host = hostName()
  const memory = Math.floor((totalmem() / 2 ** 20 - 512) / nodes.length)
  const lines = await Promise.all(
    nodes.map(async (node) => {
      const place = `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${await freePort()}`
      return `${place} CPUs=${NODE_CPUS} RealMemory=${memory} State=UNKNOWN`
    }),
  )
  return `ClusterName=stack
SlurmctldHost=${host}(127.0.0.1)
SlurmctldParameters=enable_configless
SlurmctldPort=${await freePort()}
# Credentials are short-lived so that a requeued job, which waits for its old one to expire, need not wait two minutes.
AuthType=auth/munge
AuthInfo=socket=${folder}/run/munge.sock,cred_expire=5
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
SlurmctldPidFile=${folder}/run/slurmctld.pid
SlurmdPidFile=${folder}/run/slurmd-%n.pid
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MpiDefault=none
ReturnToService=2
MinJobAge=3600
KillWait=5
SlurmdParameters=config_overrides
${lines.join('\n')}
PartitionName=train Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=0
PartitionName=killable Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=CANCEL GraceTime=0
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=9 PreemptMode=OFF
`
}

function hostName(): string {
  return hostname().split('.')[0] ?? 'localhost'
}

/** The machine's own name, and one made of it for each node where there are several. */
function nodeNames(count: number): string[] {
  return count === 1 ? [hostName()] : Array.from({ length: count }, (_, i) => `${hostName()}-${i + 1}`)
}

/** What its process id's file and its log are called by. */
function daemonOf(node: string): string {
  return `slurmd-${node}`
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + READY_MS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited ${READY_MS / 1000} s in vain until ${what}`)
    await sleep(50)
  }
}

function isAnswered(ask: () => void): boolean {
  try {
    ask()
    return true
  } catch {
    return false
  }
}

/** Whether there is such a process to get the signal. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  // 0 and below are groups, and no process of ours.
  if (!(pid > 1)) return false
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

function isProgram(path: string): boolean {
  return isAnswered(() => accessSync(path, constants.X_OK))
}

function lastWords(log: string): string {
  return existsSync(log) ? `${log}: ${readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join(' | ')}` : ''
}

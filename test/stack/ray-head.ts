/** A real Ray head on this machine: from its own Python, in a temporary folder, with a token, ended by its process ids. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OwnedProcess, spawnOwned } from '../../src/process/owned.ts'
import { partsOf, stopStarted } from '../../src/process/stop.ts'
import { type ProcessEntry, processTable } from '../../src/process/table.ts'
import { freePort } from '../loop/workplace.ts'

const READY_MS = 180_000
const CPUS = 4

export interface RayHead {
  readonly address: string
  /** Holds the token, for spendwise. */
  readonly env: Readonly<Record<string, string>>
  /** The dashboard stops where it is: it takes connections and gives no answer; jobs continue. */
  freeze(): void
  thaw(): void
  /** Ends the head as a power cut would, and starts another at its place, which knows of no job. */
  restart(): Promise<void>
  /** The jobs that it knows, those of one run folder in the order of their ids. */
  jobs(directory?: string): Promise<{ id: string; status: string }[]>
  /** Stops a job as somebody else would. @returns the status of the answer */
  stopJob(id: string): Promise<number>
  /** Starts another machine of the cluster, which is this one again. @returns how to end it as its time being over would */
  addNode(options: RayNode): Promise<() => Promise<void>>
  /** Ends all of it and removes the folder. @returns what was left of jobs next to it */
  close(): Promise<void>
}

export interface RayNode {
  readonly cpus: number
  /** Resources by names of the cluster's own. */
  readonly resources?: Readonly<Record<string, number>>
  /** Added to its environment, which its jobs inherit. */
  readonly env?: Readonly<Record<string, string>>
}

interface Listed {
  readonly submission_id: string
  readonly status: string
  readonly metadata: { readonly directory?: string } | null
}

const countOf = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1))

/**
 * @param program path of a program in the environment that has Ray
 * @param cpus of the head itself
 */
export async function startRay(program: (name: string) => string, cpus: number = CPUS): Promise<RayHead> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-ray-'))
  const log = join(folder, 'head.log')
  const token = randomBytes(16).toString('hex')
  const ports = await freePorts(HEAD_PORTS)
  const address = `http://127.0.0.1:${ports['dashboard-port']}`
  let head: { owned: OwnedProcess; marker: string }
  const nodes: Array<() => Promise<void>> = []
  let count = 0

  const headers = { Authorization: `Bearer ${token}` }
  const list = (): Promise<Response> =>
    fetch(new URL('/api/jobs/', address), { headers, signal: AbortSignal.timeout(10_000) })
  const spawnRay = (
    flags: readonly string[],
    options: Readonly<Record<string, string | number>>,
    marker: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<OwnedProcess> =>
    spawnOwned({
      argv: [
        ...[program('ray'), 'start', '--block', '--disable-usage-stats', ...flags],
        ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      ],
      cwd: folder,
      env: { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: token, RAY_DEDUP_LOGS: '0', ...env },
      log,
      marker,
    })
  const start = async (): Promise<void> => {
    const marker = `${folder}#head-${count++}`
    const options = {
      'temp-dir': join(folder, `r${count}`),
      'num-cpus': cpus,
      'dashboard-host': '127.0.0.1',
      ...OF_EVERY_NODE,
      ...ports,
    }
    const owned = await spawnRay(['--head', '--include-dashboard=true'], options, marker)
    head = { owned, marker }
    const deadline = Date.now() + READY_MS
    while (
      !(await list().then(
        (answer) => answer.ok,
        () => false,
      ))
    ) {
      if (Date.now() > deadline) {
        await stopStarted({ identity: owned.identity, marker }, 5000)
        throw new Error(`Ray did not start: ${lastWords(log)}`)
      }
      await sleep(300)
    }
  }
  /** Machines that are alive, by the dashboard's own list. */
  const countNodes = async (): Promise<number> => {
    const url = new URL('/nodes?view=summary', address)
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })
    const { data } = (await answer.json()) as { data: { summary: { raylet?: { state?: string } }[] } }
    return data.summary.filter(({ raylet }) => raylet?.state === 'ALIVE').length
  }
  const parts = (): ProcessEntry[] => partsOf({ identity: head.owned.identity, marker: head.marker }, processTable())
  const dashboard = (): number[] =>
    parts()
      .map(({ pid }) => pid)
      .filter((pid) => commandOf(pid).includes('dashboard.py') || commandOf(pid).includes('dashboard:'))
  const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
    for (const pid of pids) process.kill(pid, signal)
  }
  const stop = (graceMs: number): Promise<void> =>
    stopStarted({ identity: head.owned.identity, marker: head.marker }, graceMs)

  try {
    await start()
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return {
    address,
    env: { RAY_AUTH_TOKEN: token },
    freeze: () => signalAll(dashboard(), 'SIGSTOP'),
    thaw: () => signalAll(dashboard(), 'SIGCONT'),
    async restart() {
      const daemons = parts().filter(({ parent }) => parent === head.owned.identity.pid)
      signalAll([head.owned.identity.pid, ...daemons.map(({ pid }) => pid)], 'SIGKILL')
      await stop(10_000)
      await start()
    },
    async jobs(directory) {
      const listed = (await (await list()).json()) as Listed[]
      return listed
        .filter(({ metadata }) => directory === undefined || metadata?.directory === directory)
        .map(({ submission_id, status }) => ({ id: submission_id, status }))
        .sort((a, b) => countOf(a.id) - countOf(b.id))
    },
    stopJob: (id) =>
      new Promise((resolve, reject) => {
        const url = new URL(`/api/jobs/${id}/stop`, address)
        const asked = request(url, { method: 'POST', headers }, (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        })
        asked.once('error', reject)
        asked.end()
      }),
    async addNode({ cpus: own, resources = {}, env }) {
      const marker = `${folder}#node-${nodes.length}`
      const options = {
        'num-cpus': own,
        resources: JSON.stringify(resources),
        ...OF_EVERY_NODE,
        ...(await freePorts(NODE_PORTS)),
      }
      const begin = async () => {
        const { identity, exit } = await spawnRay([`--address=127.0.0.1:${ports.port}`], options, marker, env)
        const node = { identity, isOver: false }
        void exit.then(() => {
          node.isOver = true
        })
        return node
      }
      let node = await begin()
      const end = (): Promise<void> => stopStarted({ identity: node.identity, marker }, 10_000)
      nodes.push(end)
      const deadline = Date.now() + READY_MS
      // The head is one of them. A dashboard that is busy is asked again.
      while ((await countNodes().catch(() => 0)) <= nodes.length) {
        if (Date.now() > deadline) throw new Error(`Ray started no other machine: ${lastWords(log)}`)
        // On a busy machine it gives itself up after half a minute.
        if (node.isOver) {
          await end()
          node = await begin()
        }
        await sleep(300)
      }
      return end
    },
    async close() {
      for (const end of nodes) await end()
      await stop(20_000)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const OF_EVERY_NODE = {
  'node-ip-address': '127.0.0.1',
  'object-store-memory': 100_000_000,
  // Of the system's choice: another Ray of the machine has workers at the default ports.
  'min-worker-port': 0,
  'max-worker-port': 0,
}
const NODE_PORTS = [
  'dashboard-agent-listen-port',
  'dashboard-agent-grpc-port',
  'runtime-env-agent-port',
  'metrics-export-port',
  'node-manager-port',
  'object-manager-port',
]
const HEAD_PORTS = [...NODE_PORTS, 'port', 'dashboard-port', 'ray-client-server-port']

function lastWords(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join(' | ')
}

/** Each of its own, where the defaults would meet another Ray of the machine. */
async function freePorts(names: readonly string[]): Promise<Record<string, number>> {
  const ports = new Set<number>()
  while (ports.size < names.length) ports.add(await freePort())
  return Object.fromEntries([...ports].map((port, i) => [names[i], port]))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It has ended.
    return ''
  }
}

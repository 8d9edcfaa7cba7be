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
  /** Ends all of it and removes the folder. @returns what was left of jobs next to it */
  close(): Promise<void>
}

interface Listed {
  readonly submission_id: string
  readonly status: string
  readonly metadata: { readonly directory?: string } | null
}

const countOf = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1))

/** @param program path of a program in the environment that has Ray */
export async function startRay(program: (name: string) => string): Promise<RayHead> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-ray-'))
  const log = join(folder, 'head.log')
  const token = randomBytes(16).toString('hex')
  const ports = await freePorts()
  const address = `http://127.0.0.1:${ports['dashboard-port']}`
  let head: { owned: OwnedProcess; marker: string }
  let count = 0

  const headers = { Authorization: `Bearer ${token}` }
  const list = (): Promise<Response> =>
    fetch(new URL('/api/jobs/', address), { headers, signal: AbortSignal.timeout(10_000) })
  const start = async (): Promise<void> => {
    const marker = `${folder}#head-${count++}`
    const options = {
      'temp-dir': join(folder, `r${count}`),
      'node-ip-address': '127.0.0.1',
      'num-cpus': CPUS,
      'object-store-memory': 100_000_000,
      'dashboard-host': '127.0.0.1',
      // Of the system's choice: another Ray of the machine has workers at the default ports.
      'min-worker-port': 0,
      'max-worker-port': 0,
      ...ports,
    }
    const owned = await spawnOwned({
      argv: [
        program('ray'),
        'start',
        '--head',
        '--block',
        '--disable-usage-stats',
        '--include-dashboard=true',
        ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      ],
      cwd: folder,
      env: { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: token, RAY_DEDUP_LOGS: '0' },
      log,
      marker,
    })
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
        throw new Error(`Ray did not start: ${readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join(' | ')}`)
      }
      await sleep(300)
    }
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
    async close() {
      await stop(20_000)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Each of its own, where the defaults would meet another Ray of the machine. */
async function freePorts(): Promise<Record<string, number>> {
  const names = [
    'port',
    'dashboard-port',
    'dashboard-agent-listen-port',
    'dashboard-agent-grpc-port',
    'runtime-env-agent-port',
    'metrics-export-port',
    'ray-client-server-port',
    'node-manager-port',
    'object-manager-port',
  ]
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

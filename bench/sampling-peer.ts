/** inspect_ai next to us: the same problems, the same server, as many in flight; sampled, checked and logged by each in its own way. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openEndToEnd, startRig } from './sampling-rig.ts'

interface PeerFigures {
  readonly version: string
  readonly status: string
  readonly seconds: number
  readonly cpuSeconds: number
  readonly completions: number
  readonly correct: number
}

const IN_FLIGHT = [64, 512] as const

/** @param python of an environment that has inspect_ai and openai */
export async function comparePeer(python: string, count: number): Promise<void> {
  for (const [name, flags] of [
    ['a server that answers 1,000 a second', ['--service-rate', '1000']],
    ['a server that answers as fast as it can', []],
  ] as const) {
    const rig = await startRig(flags)
    console.log(`${name}, ${count} completions`)
    console.log('in flight   ours/s   inspect_ai/s   ratio   ours us CPU   inspect_ai us CPU   version')
    try {
      for (const inFlight of IN_FLIGHT) {
        const run = await openEndToEnd(rig, { inFlight })
        await run.draw(Math.min(count, 500))
        const cpu = process.cpuUsage()
        const begin = performance.now()
        await run.draw(count)
        const perSecond = count / ((performance.now() - begin) / 1000)
        const { user, system } = process.cpuUsage(cpu)
        await run.close()
        const peer = await runPeer(python, rig.baseURL, rig.folder, inFlight, count)
        const peerPerSecond = peer.completions / peer.seconds
        const cells = [
          inFlight,
          perSecond.toFixed(0),
          peerPerSecond.toFixed(0),
          (perSecond / peerPerSecond).toFixed(1),
          ((user + system) / count).toFixed(0),
          ((1e6 * peer.cpuSeconds) / count).toFixed(0),
          peer.version,
        ]
        console.log(cells.map((cell, i) => String(cell).padStart([9, 9, 15, 8, 14, 20, 12][i] ?? 0)).join(''))
        if (peer.completions !== count) console.log(`  inspect_ai ended ${peer.status} with ${peer.completions}`)
      }
    } finally {
      rig.close()
    }
  }
}

async function runPeer(
  python: string,
  baseURL: string,
  folder: string,
  inFlight: number,
  count: number,
): Promise<PeerFigures> {
  const script = join(import.meta.dirname, 'sampling_peer.py')
  const args = [
    script,
    baseURL,
    join(folder, 'problems.jsonl'),
    String(inFlight),
    String(count),
    join(folder, 'peer-logs'),
  ]
  const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 64e6 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

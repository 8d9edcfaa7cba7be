/** A place for runs whose servers are a fleet of small test servers, started as local jobs. */

import { readdirSync, readFileSync } from 'node:fs'
import type { FleetMember } from '../../src/core/fleet.ts'
import { CRASH_VARIABLE } from '../../src/process/crash-point.ts'
import { openStore } from '../../src/store/store.ts'
import { type Ended, type Started, startCommand } from './command.ts'
import {
  createWorkplace,
  makeProblems,
  serveCommand,
  toRows,
  trainSection,
  type Workplace,
  writeBase,
} from './workplace.ts'

export interface FleetPlace extends Workplace {
  /** Starts `run`, in a folder of its own. */
  start(folder: string, options?: { readonly crashAt?: string; readonly sets?: readonly string[] }): Started
  go(folder: string, options?: { readonly crashAt?: string; readonly sets?: readonly string[] }): Promise<Ended>
  /** Every step of every server, in order. */
  steps(folder: string): FleetMember[]
  /** Ids of processes that some run of this place has started. */
  processes(): number[]
}

export interface FleetPlaceOptions {
  readonly servers?: number
  readonly flags?: readonly string[]
  readonly iterations?: number
  /** More keys of `serve`. */
  readonly keys?: string
}

export function createFleetPlace({
  servers = 3,
  flags = ['--latency-ms', '20'],
  iterations = 2,
  keys = '',
}: FleetPlaceOptions = {}): FleetPlace {
  const place = createWorkplace()
  const problems = place.write('train.jsonl', toRows(makeProblems(60)))
  writeBase(place, 0.7)
  // Below those that the system gives to connections of its own.
  const first = 20_000 + Math.floor(Math.random() * 12_000)
  const command = JSON.stringify(serveCommand(problems, flags))
  const more = `readySeconds: 60, drainSeconds: 5, stopSeconds: 5${keys}`
  place.write(
    'run.yaml',
    `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }], gate: [{ dataset: jsonl, path: train.jsonl, take: last-10 }] }
budget: { policy: { kind: constant, initial: 30 }, iterations: ${iterations} }
gate: { onFail: continue }
train: ${trainSection()}
serve: { kind: fleet, servers: ${servers}, ports: ${first}-${first + 199}, command: ${command}, ${more} }
`,
  )
  const start: FleetPlace['start'] = (folder, { crashAt, sets = [] } = {}) => {
    const args = [
      'run',
      'run.yaml',
      '--dir',
      `${folder}/runs/small`,
      '--json',
      ...sets.flatMap((set) => ['--set', set]),
    ]
    const env: Record<string, string> = crashAt === undefined ? {} : { [CRASH_VARIABLE]: crashAt }
    return startCommand(args, { cwd: place.folder, env })
  }
  return {
    ...place,
    start,
    go: (folder, options) => start(folder, options).ended,
    steps(folder) {
      const store = openStore(place.at(folder, 'runs/small'), { readonly: true })
      try {
        return store.fleet.all()
      } finally {
        store.close()
      }
    },
    processes: () =>
      readdirSync('/proc')
        .map(Number)
        .filter((pid) => Number.isInteger(pid) && environmentOf(pid).includes(`SPENDWISE_PROCESS=${place.folder}`)),
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

/** Goodput under faults over HTTP: answers a second, stored and verified, as a share of what the same server gives without faults. */

import { type EndToEnd, openEndToEnd, serverStats, startRig } from './sampling-rig.ts'

interface Row {
  readonly name: string
  /** Of test/server/main.ts. */
  readonly flags: readonly string[]
  readonly inFlight?: number
  readonly latencyMs?: number
  /** Answers a second that are all there is; default: what comes without faults. */
  readonly limit?: number
  /** What is wanted of the share. */
  readonly wanted: number
}

const IN_FLIGHT = 128
const LATENCY_MS = 200
/** A limit is found, not known: it takes a while. */
const SETTLE_LIMIT_MS = 30_000
const SETTLE_MS = 8_000

const ROWS: readonly Row[] = [
  ...[
    [0.01, 0.95],
    [0.05, 0.9],
    [0.2, 0.7],
  ].map(([share = 0, wanted = 0]) => ({
    name: `429, Retry-After 1, to ${100 * share}%`,
    flags: ['--fault-429', String(share), '--retry-after', '1'],
    wanted,
  })),
  { name: '503, Retry-After 1, to 5%', flags: ['--fault-503', '0.05', '--retry-after', '1'], wanted: 0.9 },
  { name: '429, Retry-After 30, to 1%', flags: ['--fault-429', '0.01', '--retry-after', '30'], wanted: 0.9 },
  { name: '500 to 20%', flags: ['--fault-500', '0.2'], wanted: 0.95 },
  { name: '500 to 50%', flags: ['--fault-500', '0.5'], wanted: 0.75 },
  { name: 'resets, 20%', flags: ['--reset', '0.2'], wanted: 0.9 },
  { name: 'malformed, 5%', flags: ['--malformed', '0.05'], wanted: 0.9 },
  {
    name: 'mix, 256 in flight',
    flags: [
      ...['--fault-500', '0.05', '--fault-429', '0.05', '--retry-after', '1', '--cut', '0.02'],
      ...['--malformed', '0.01', '--reject', '0.01'],
    ],
    inFlight: 256,
    // A little over 1,000 answers a second.
    latencyMs: 250,
    wanted: 0.75,
  },
  ...(['window', 'bucket'] as const).flatMap((form) =>
    [300, 60].map((limit) => ({
      name: `a limit of ${limit}/s (${form}), Retry-After 1`,
      flags: ['--rate-limit', String(limit), '--rate-limit-form', form, '--retry-after', '1'],
      limit,
      wanted: 0.95,
    })),
  ),
]

interface Goodput {
  readonly answered: number
  readonly refused: number
  /** Cores in use by this process. */
  readonly cores: number
}

/**
 * Prints a row for each kind of fault, each next to the same load without faults, just before it and just after it.
 *
 * @param seconds measured, after as many as it takes to settle
 * @param only rows whose name matches this expression
 */
export async function measureFaults(seconds: number, only = ''): Promise<void> {
  console.log('fault                                    answers/s   without   share  wanted   failed attempts   cores')
  let plain: { readonly load: string; readonly answered: number } | undefined
  const pattern = new RegExp(only)
  for (const row of ROWS.filter(({ name }) => pattern.test(name))) {
    const { inFlight = IN_FLIGHT, latencyMs = LATENCY_MS, limit } = row
    const load = `${inFlight}/${latencyMs}`
    const without = (): Promise<Goodput> => goodputOf({ flags: [], inFlight, latencyMs, settleMs: 3_000, seconds })
    const before = plain?.load === load ? plain.answered : (await without()).answered
    const settleMs = limit === undefined ? SETTLE_MS : SETTLE_LIMIT_MS
    const seen = await goodputOf({ flags: row.flags, inFlight, latencyMs, settleMs, seconds })
    const after = (await without()).answered
    plain = { load, answered: after }
    const whole = limit ?? (before + after) / 2
    const cells = [
      row.name.padEnd(40),
      seen.answered.toFixed(0).padStart(9),
      whole.toFixed(0).padStart(10),
      percent(seen.answered / whole).padStart(8),
      percent(row.wanted).padStart(8),
      percent(seen.refused).padStart(18),
      seen.cores.toFixed(2).padStart(8),
    ]
    console.log(cells.join(''))
  }
}

interface Load {
  readonly flags: readonly string[]
  readonly inFlight: number
  readonly latencyMs: number
  readonly settleMs: number
  readonly seconds: number
}

async function goodputOf({ flags, inFlight, latencyMs, settleMs, seconds }: Load): Promise<Goodput> {
  const common = ['--latency-ms', String(latencyMs), '--latency-sigma', '0.25', '--faults-come', 'at-once']
  const rig = await startRig([...common, ...flags])
  let run: EndToEnd | undefined
  try {
    run = await openEndToEnd(rig, { inFlight })
    const drawn = run.drawFor(settleMs + seconds * 1000)
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    const [first, met, cpu, at] = [run.answered(), await serverStats(rig), process.cpuUsage(), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    const [last, meets, used] = [run.answered(), await serverStats(rig), process.cpuUsage(cpu)]
    const measured = (performance.now() - at) / 1000
    await drawn
    const failed = sum(meets.faults) + meets.rejected - sum(met.faults) - met.rejected
    return {
      answered: (last - first) / measured,
      refused: failed / Math.max(1, failed + meets.answered - met.answered),
      cores: (used.user + used.system) / 1e6 / measured,
    }
  } finally {
    await run?.close()
    rig.close()
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`
}

/**
 * The quickstart on several seeds: does the toy get better, by how much, how long does it take. Each seed has its own problems.
 *
 *     node bench/quickstart.ts [--seeds 1,2,3,4,5] [--quick] [--no-verify]
 *
 * Gains are paired against the base on the run's evaluation problems, in points, with 95% intervals. Wall time needs a quiet machine.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Accuracy, RunStatus } from '../src/core/status.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    quick: { type: 'boolean', default: false },
    'no-verify': { type: 'boolean', default: false },
  },
})
const BIN = fileURLToPath(new URL('../bin/spendwise.js', import.meta.url))
const flags = [...(values.quick ? ['--quick'] : []), ...(values['no-verify'] ? ['--no-verify'] : [])]

console.log('| seed | T = 1: base | last | gain | greedy: base | last | gain | accepted / sampled | wall |')
console.log('|---|---|---|---|---|---|---|---|---|')
for (const seed of values.seeds.split(',')) console.log(row(seed))

function row(seed: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-bench-'))
  try {
    const startedAt = performance.now()
    command(['quickstart', '--quiet', '--seed', seed, '--dir', folder, ...flags])
    const seconds = (performance.now() - startedAt) / 1000
    const status = JSON.parse(command(['status', folder, '--json'])) as RunStatus
    const { base, iterations, totals } = status
    const last = iterations.at(-1)?.evaluation
    const cells = [
      seed,
      share(base.evaluation),
      share(last),
      points(last?.gain),
      share(base.evaluation?.greedy),
      share(last?.greedy),
      points(last?.greedyGain),
      `${totals.accepted} / ${totals.sampled}`,
      `${seconds.toFixed(0)} s`,
    ]
    return `| ${cells.join(' | ')} |`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function command(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(`spendwise ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

function share(value: Accuracy | null | undefined): string {
  return value ? (100 * value.accuracy).toFixed(1) : '–'
}

function points(value: Accuracy | null | undefined): string {
  if (!value) return '–'
  const signed = (x: number): string => `${x >= 0 ? '+' : '−'}${Math.abs(100 * x).toFixed(1)}`
  return `${signed(value.accuracy)} (${signed(value.low)} to ${signed(value.high)})`
}

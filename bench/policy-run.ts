/**
 * One run as the policy experiment needs it: fixed optimizer steps an iteration, n_t as the batch, the optimizer's state kept,
 * constant learning rate, a given total cost, 5,000 problems measured twice at temperature 1 and greedy (base and last).
 * How long would forty of them take?
 *
 *     node bench/policy-run.ts [--cost 60000]
 *
 * Wall time needs a quiet machine.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { RunStatus } from '../src/core/status.ts'

const { values } = parseArgs({ options: { cost: { type: 'string', default: '60000' } } })
const BIN = fileURLToPath(new URL('../bin/spendwise.js', import.meta.url))
const RUNS = 40

const folder = mkdtempSync(join(tmpdir(), 'spendwise-policy-'))
try {
  writeFileSync(join(folder, 'run.yaml'), yamlOf(Number(values.cost)))
  const startedAt = performance.now()
  command(['run', 'run.yaml', '--quiet'])
  const seconds = (performance.now() - startedAt) / 1000
  const { totals, iterations } = JSON.parse(command(['status', 'policy', '--json'])) as RunStatus
  const what = `${iterations.length} iterations, ${totals.accepted} accepted of ${totals.sampled} sampled, cost ${totals.cost}`
  console.log(`${what}: ${seconds.toFixed(0)} s, both measurements included`)
  console.log(`${RUNS} such runs: ${((RUNS * seconds) / 60).toFixed(0)} minutes`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** At acceptance 0.5 an accepted trace costs 2 x 1 + 2. */
function yamlOf(cost: number): string {
  const iterations = 30
  return `name: policy
problems:
  train: [{ dataset: steps, count: 40000 }]
  evaluate: [{ dataset: steps, count: 5000 }]
sample: { kind: embedded, maxTokens: 60 }
budget:
  policy: { kind: constant, initial: ${Math.round(cost / 4 / iterations)} }
  iterations: ${iterations}
evaluate: { samples: 2, greedy: true, every: ${iterations} }
train: { kind: embedded, steps: 25, lr: 1.0e-3, lrSchedule: run-constant, optimizerState: keep }
`
}

function command(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(`spendwise ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

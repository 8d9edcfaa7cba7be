/**
 * Real-stack tests: whole commands against real servers, trainers and schedulers, as far as this machine has them.
 * Prints `stack: NAME ok | skipped (why) | failed` for each part; exits with 1 when a part failed.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunStatus } from '../src/core/status.ts'

type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string }

const root = fileURLToPath(new URL('..', import.meta.url))

/** Parts by name; each is independent of the others. */
const PARTS: Readonly<Record<string, () => Outcome>> = {
  quickstart: quickRunLearns,
  trl: recipeTrains,
}

let failed = 0
for (const [name, part] of Object.entries(PARTS)) {
  const outcome = part()
  if (outcome.kind === 'failed') failed++
  console.log(`stack: ${name} ${outcome.kind}${outcome.kind === 'ok' ? '' : ` (${outcome.why})`}`)
}
process.exitCode = failed > 0 ? 1 : 0

/** The README's main command in its small form: a real model samples, a real trainer trains, and it gets better. */
function quickRunLearns(): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-stack-'))
  try {
    const run = command(['quickstart', '--quick', '--dir', folder, '--quiet'])
    if (run.status !== 0) return { kind: 'failed', why: `exit code ${run.status}: ${run.stderr}` }
    const status = JSON.parse(command(['status', folder, '--json']).stdout) as RunStatus
    const last = status.iterations.at(-1)
    if (status.state !== 'done' || !last?.evaluation?.gain)
      return { kind: 'failed', why: `it ended as ${status.state}` }
    if (status.iterations.some((row) => row.accepted !== row.target))
      return { kind: 'failed', why: 'an iteration missed its target' }
    const { accuracy, low } = last.evaluation.gain
    return low > 0 ? { kind: 'ok' } : { kind: 'failed', why: `gain ${accuracy}, lower bound ${low}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The TRL recipe on a tiny model, where there is a Python that has what recipes/requirements.txt names. */
function recipeTrains(): Outcome {
  if (!process.env.SPENDWISE_PYTHON) {
    return { kind: 'skipped', why: 'SPENDWISE_PYTHON does not name a Python with recipes/requirements.txt installed' }
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/recipes'], { cwd: root, stdio: 'inherit' })
  return status === 0 ? { kind: 'ok' } : { kind: 'failed', why: `vitest ended with ${status}` }
}

function command(args: readonly string[]): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  return spawnSync(process.execPath, [join(root, 'bin/spendwise.js'), ...args], {
    encoding: 'utf8',
    cwd: root,
    maxBuffer: 1 << 26,
  })
}

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
import { ensureChromium } from '../test/stack/chromium.ts'
import { consumersPart } from '../test/stack/consumers.ts'
import { llamacppPart } from '../test/stack/llamacpp.ts'
import { newcomerPart } from '../test/stack/newcomer.ts'
import { allHold, type Outcome } from '../test/stack/outcome.ts'
import { handOverPart, removeCalmRun, resumePart, serverPart, trainerPart } from '../test/stack/parts.ts'
import { rayPython, stackPython, trackersPython } from '../test/stack/python.ts'
import { ensureSlurm } from '../test/stack/slurm-cluster.ts'
import { templatesPart } from '../test/stack/templates.ts'
import { reloadPart, thinkingPart, vllmPart } from '../test/stack/vllm/part.ts'
import { walkthroughPart } from '../test/stack/walkthrough.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const isLong = process.argv.includes('--long')

/** Parts by name; each can be asked for alone: `npm run test:stack -- server resume`. */
const PARTS: Readonly<Record<string, () => Outcome | Promise<Outcome>>> = {
  quickstart: quickRunLearns,
  newcomer: newcomerPart,
  server: serverPart,
  trl: recipeTrains,
  fsdp: recipeShards,
  templates: templatesPart,
  trackers: trackersGetAll,
  slurm: slurmTrains,
  nodes: nodesTrain,
  ray: rayTrains,
  fleet: fleetServes,
  resume: resumePart,
  handover: handOverPart,
  consumers: consumersPart,
  vllm: () => vllmPart(isLong),
  reload: reloadPart,
  thinking: thinkingPart,
  view: viewInBrowser,
  llamacpp: llamacppPart,
  walkthrough: () => walkthroughPart(process.argv.includes('--write')),
}
/** Parts of many minutes: tried when they are asked for by name or with `--long`, which also tries more of some of the others. */
const LONG_PARTS: ReadonlySet<string> = new Set([
  'ray',
  'fleet',
  'vllm',
  'reload',
  'thinking',
  'view',
  'llamacpp',
  'walkthrough',
])
const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'))

let failed = 0
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  if (asked.length === 0 && !isLong && LONG_PARTS.has(name)) {
    console.log(`stack: ${name} skipped (it takes long; npm run test:stack -- ${name} tries it)`)
    continue
  }
  const startedAt = performance.now()
  const outcome = await part()
  if (outcome.kind === 'failed') failed++
  console.log(`stack: ${name} ${outcome.kind}${outcome.kind === 'ok' ? '' : ` (${outcome.why})`}`)
  console.error(`${name} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
}
await removeCalmRun()
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

/** The loop's own two jobs, and the recipe's tests on a tiny model. */
async function recipeTrains(): Promise<Outcome> {
  const python = stackPython()
  if (python.kind === 'missing') return { kind: 'failed', why: python.why }
  const inLoop = await trainerPart()
  if (inLoop.kind !== 'ok') return inLoop
  const names = isLong ? ['train_sft', 'told', 'limits', 'templates'] : ['train_sft', 'told']
  const files = names.map((name) => `test/recipes/${name}.test.ts`)
  const status = vitest(files, { SPENDWISE_PYTHON: python.program('python') })
  return allHold([[`the recipe's tests pass (vitest ended with ${status})`, status === 0]])
}

/** Two processes that share one model, next to two with a copy each and next to one, through gloo; and what is left of an update at 16 bits. */
function recipeShards(): Outcome {
  const python = stackPython()
  if (python.kind === 'missing') return { kind: 'failed', why: python.why }
  const names = isLong ? ['shard', 'master'] : ['shard']
  const files = names.map((name) => `test/recipes/${name}.test.ts`)
  const status = vitest(files, { SPENDWISE_PYTHON: python.program('python') })
  return allHold([[`shards and fp32 weights give what they should (vitest ended with ${status})`, status === 0]])
}

/** Losses and a run's numbers in MLflow, W&B and Trackio, read back from there. */
function trackersGetAll(): Outcome {
  const python = trackersPython()
  if (python.kind === 'missing') return { kind: 'skipped', why: python.why }
  const status = vitest(['--config', 'vitest.stack.config.ts', 'test/stack/trackers.stack.test.ts'], {})
  return allHold([[`trackers have what was sent (vitest ended with ${status})`, status === 0]])
}

/** Whole runs through a Slurm of this machine's own: kills at every step of a submission, preemption, two minutes of outage. */
function slurmTrains(): Outcome {
  const why = ensureSlurm()
  if (why !== undefined) return { kind: 'skipped', why }
  const status = vitest(['--config', 'vitest.stack.config.ts', 'test/stack/slurm.stack.test.ts'], {})
  return allHold([[`runs through Slurm end as they should (vitest ended with ${status})`, status === 0]])
}

/** One model over two nodes of a real Slurm, by torchrun: stopped, resumed, whole. */
function nodesTrain(): Outcome {
  const why = ensureSlurm()
  if (why !== undefined) return { kind: 'skipped', why }
  const status = vitest(['--config', 'vitest.stack.config.ts', 'test/stack/nodes.stack.test.ts'], {})
  return allHold([[`a job over two nodes ends as it should (vitest ended with ${status})`, status === 0]])
}

/** Whole runs through a Ray head of this machine's own: kills at every step, stops, withdrawals, a restart, two minutes of silence. */
function rayTrains(): Outcome {
  const python = rayPython()
  if (python.kind === 'missing') return { kind: 'skipped', why: python.why }
  const status = vitest(['--config', 'vitest.stack.config.ts', 'test/stack/ray.stack.test.ts'], {})
  return allHold([[`runs through Ray end as they should (vitest ended with ${status})`, status === 0]])
}

/** Three real servers as jobs of a real Slurm and of a real Ray: one killed, time limits, a swap, spendwise killed in the middle of it. */
function fleetServes(): Outcome {
  const why = whyNoCluster()
  if (why !== undefined) return { kind: 'skipped', why }
  const status = vitest(['--config', 'vitest.stack.config.ts', 'test/stack/fleet.stack.test.ts'], {})
  return allHold([[`fleets end as they should (vitest ended with ${status})`, status === 0]])
}

/** Each of the two is skipped by itself where the other is there. */
function whyNoCluster(): string | undefined {
  const [slurm, ray] = [ensureSlurm(), rayPython()]
  return slurm !== undefined && ray.kind === 'missing' ? `${slurm}; ${ray.why}` : undefined
}

/** Every page of the viewer in a real browser, over a run that continues next to it; pictures stay in artefacts/view. */
function viewInBrowser(): Outcome {
  const why = ensureChromium()
  if (why !== undefined) return { kind: 'skipped', why }
  const status = vitest(
    ['--config', 'vitest.stack.config.ts', '--testTimeout=120000', 'test/stack/view.stack.test.ts'],
    {},
  )
  return allHold([[`the viewer holds in a browser (vitest ended with ${status})`, status === 0]])
}

function vitest(args: readonly string[], added: Readonly<Record<string, string>>): number | null {
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const env = { ...process.env, ...added }
  // stdout is for the outcomes alone.
  return spawnSync(process.execPath, [program, 'run', ...args], { cwd: root, env, stdio: ['ignore', 2, 2] }).status
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

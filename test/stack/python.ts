/** The Python of the real-stack tests: an environment of its own below .stack, made once for each state of the requirements. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, '.stack')
const REQUIREMENTS = ['recipes/requirements.txt', 'test/stack/requirements.txt'].map((name) => join(ROOT, name))
const PYTHONS = ['python3.11', 'python3.12', 'python3.10', 'python3']

/** Absolute path of a program in the environment, or why there is none. */
export type StackPython =
  | { readonly kind: 'there'; readonly program: (name: string) => string }
  | { readonly kind: 'missing'; readonly why: string }

let made: StackPython | undefined

/** Installs what is pinned, once for all parts; a few minutes where nothing is cached. */
export function stackPython(): StackPython {
  made ??= makePython()
  return made
}

function makePython(): StackPython {
  const texts = REQUIREMENTS.map((path) => readFileSync(path, 'utf8'))
  const hash = createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12)
  const folder = join(FOLDER, `python-${hash}`)
  const program = (name: string): string => join(folder, 'bin', name)
  // Written last: a set-up that was broken off is begun anew.
  const whole = join(folder, 'whole')
  if (existsSync(whole)) return { kind: 'there', program }
  const python = PYTHONS.find((name) => spawnSync(name, ['-c', 'import venv']).status === 0)
  if (python === undefined) return { kind: 'missing', why: `none of ${PYTHONS.join(', ')} with venv is installed` }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const startedAt = performance.now()
  const why =
    failureOf(python, ['-m', 'venv', folder]) ??
    failureOf(program('pip'), ['install', '--quiet', '--no-input', '-r', REQUIREMENTS[1] ?? ''])
  if (why !== undefined) return { kind: 'missing', why }
  writeFileSync(whole, '')
  console.error(`Python set up in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return { kind: 'there', program }
}

function failureOf(program: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status === 0) return undefined
  const words = error?.message ?? stderr.trim().split('\n').slice(-3).join(' ')
  return `${program} ${args.slice(0, 2).join(' ')} ended with ${status}: ${words}`
}

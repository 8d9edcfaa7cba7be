/**
 * The program as it is packed, built once per run of the tests and started by those that need it as a process: it starts a third
 * faster than the sources do, and what people install is what is tested.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROJECT } from './source-text.ts'

const FOLDER = 'SPENDWISE_TEST_PROGRAM'
/** What lies next to bin and dist in a package. */
const NEXT_TO_IT = ['package.json', 'assets', 'prompts', 'datasets', 'recipes', 'node_modules']

/** vitest calls it before the first test and what it returns after the last. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-test-program-'))
  for (const name of NEXT_TO_IT) symlinkSync(join(PROJECT, name), join(folder, name))
  cpSync(join(PROJECT, 'bin'), join(folder, 'bin'), { recursive: true })
  process.env[FOLDER] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** The path of spendwise's `bin`. Whoever asks first builds it; without the set-up above it is the one that runs the sources. */
export function programPath(): string {
  const folder = process.env[FOLDER]
  if (folder === undefined) return join(PROJECT, 'bin/spendwise.js')
  if (!existsSync(join(folder, 'dist'))) build(folder)
  return join(folder, 'bin/spendwise.js')
}

/** Where it keeps what is compiled, for all that is started from it: trainers, servers and threads too. */
export function compileCache(): string {
  return join(process.env[FOLDER] ?? tmpdir(), 'spendwise-test-compile-cache')
}

/** Two that build at once are one too many, and no harm: the first to be done is taken. */
function build(folder: string): void {
  const own = mkdtempSync(join(folder, 'making-'))
  execFileSync(process.execPath, [join(PROJECT, 'scripts/build.ts'), join(own, 'dist')], { stdio: 'pipe' })
  try {
    renameSync(join(own, 'dist'), join(folder, 'dist'))
  } catch (error) {
    if (!existsSync(join(folder, 'dist'))) throw error
  }
}

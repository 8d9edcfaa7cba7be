/** A folder to work in: problems, a run.yaml for the test server, and the command line started there. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { recipeFlags } from '../../src/core/placeholders.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { readStatus } from '../../src/run/status.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import type { KnownProblem } from '../server/problem-book.ts'
import { type Ended, runCommand, type StartOptions } from './command.ts'

export interface Workplace {
  readonly folder: string
  /** Absolute path of something in it. */
  at(...names: string[]): string
  /** Writes a file. @returns its absolute path */
  write(name: string, text: string): string
  /** Runs a command here, to its end. */
  run(args: readonly string[], options?: Omit<StartOptions, 'cwd'>): Promise<Ended>
  /** Where a run stands, by its folder or its name under runs/: what `status --json` prints, without starting the program. */
  status(run: string): RunStatus
  remove(): void
}

export function createWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-work-'))
  const at = (...names: string[]): string => join(folder, ...names)
  return {
    folder,
    at,
    write(name, text) {
      mkdirSync(dirname(at(name)), { recursive: true })
      writeFileSync(at(name), text)
      return at(name)
    },
    run: (args, options) => runCommand(args, { ...options, cwd: folder }),
    status: (run) => statusIn(folder, run),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** As the command line would say it: what JSON cannot say is gone. */
export function statusIn(folder: string, run: string): RunStatus {
  const directory = [resolve(folder, run), resolve(folder, 'runs', run)].find((each) =>
    existsSync(join(each, DATABASE_FILE)),
  )
  if (directory === undefined) throw new Error(`there is no run ${run} in ${folder}`)
  return JSON.parse(JSON.stringify(readStatus(directory)))
}

/** Sums that no two rows share. */
export function makeProblems(count: number, from = 0): KnownProblem[] {
  return Array.from({ length: count }, (_, i) => {
    const a = from + i
    return { question: `What is ${a} plus ${3 * a + 1}?`, answer: String(4 * a + 1) }
  })
}

/** Rows as `dataset: jsonl` reads them. */
export function toRows(problems: readonly KnownProblem[], prefix = 'p'): string {
  return problems.map((problem, i) => `${JSON.stringify({ id: `${prefix}${i}`, ...problem })}\n`).join('')
}

const TEST_SERVER = fileURLToPath(new URL('../server/main.ts', import.meta.url))
const TEST_RECIPE = fileURLToPath(new URL('../server/train-recipe.ts', import.meta.url))

/** A `train` section that starts the test recipe. */
export function trainSection(flags: readonly string[] = []): string {
  return `{ kind: command, command: ${JSON.stringify(trainCommand(flags))} }`
}

/** The test recipe as `train.command`. */
export function trainCommand(flags: readonly string[] = []): string[] {
  const filled = recipeFlags('base', 'dataset', 'sha256', 'output', 'seed', 'lr', 'lrEnd', 'batch', 'epochs')
  return [process.execPath, TEST_RECIPE, ...filled, ...flags]
}

/** A `serve` section that starts the test server, knowing the problems of a file. */
export function serveSection(problems: string, flags: readonly string[] = []): string {
  return `{ kind: restart, command: ${JSON.stringify(serveCommand(problems, flags))}, readySeconds: 300, stopSeconds: 5 }`
}

/** The test server as `serve.command`. */
export function serveCommand(problems: string, flags: readonly string[] = []): string[] {
  const own = ['--port', '{port}', '--served-model-name', '{name}', '--checkpoint', '{checkpoint}']
  return [process.execPath, TEST_SERVER, ...own, '--problems', problems, ...flags]
}

/** The base weights of the test server, as a directory that recipe and server can read. */
export function writeBase(place: Workplace, skill: number): void {
  place.write('base/skill.json', JSON.stringify({ skill }))
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

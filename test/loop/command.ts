/** Starts the real command line as a process of its own, and ends it in the ways that life does. */

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { compileCache, programPath } from '../program.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

export interface StartOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Called with every line of stdout as it comes. */
  readonly onLine?: (line: string) => void
  /** A file or device that gets stdout instead of us. */
  readonly stdout?: string
  /** Largest file it may write, in KiB (RLIMIT_FSIZE). */
  readonly fileKib?: number
}

export function startCommand(args: readonly string[], options: StartOptions): Started {
  const [program, ...rest] = argvOf(args, options)
  const out = options.stdout === undefined ? 'pipe' : openSync(options.stdout, 'w')
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', SPENDWISE_NO_CACHE: '1', NODE_COMPILE_CACHE: compileCache(), ...options.env },
    stdio: ['ignore', out, 'pipe'],
  })
  if (typeof out === 'number') closeSync(out)
  const stdout: string[] = []
  const stderr: string[] = []
  if (options.onLine && child.stdout) createInterface({ input: child.stdout }).on('line', options.onLine)
  child.stdout?.setEncoding('utf8').on('data', (text: string) => stdout.push(text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout: stdout.join(''), stderr: stderr.join('') }))
  })
  return { child, ended }
}

function argvOf(args: readonly string[], { fileKib }: StartOptions): [string, ...string[]] {
  const argv: [string, ...string[]] = [process.execPath, programPath(), ...args]
  return fileKib === undefined ? argv : ['bash', '-c', `ulimit -f ${fileKib}; exec "$@"`, 'bash', ...argv]
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], options: StartOptions): Promise<Ended> {
  return startCommand(args, options).ended
}

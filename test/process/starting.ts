/** Small programs that a test starts as spendwise would, with children of their own. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { type OwnedProcess, spawnOwned } from '../../src/process/owned.ts'
import { stopStarted } from '../../src/process/stop.ts'

const onLinux = process.platform === 'linux'
export const WAIT = { timeout: 30_000, interval: 20 }

export const SLEEP = 'setInterval(() => {}, 1000); console.log("up")'
export const IGNORE_TERM = `process.on("SIGTERM", () => console.log("no")); ${SLEEP}`

let markers = 0

export interface Started {
  readonly owned: OwnedProcess
  readonly marker: string
  readonly log: string
  /** Waits until the log holds all of these words. */
  says(...words: readonly string[]): Promise<string>
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spendwise-process-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Starts a Node program given as text; its group is killed with the test. */
export async function start(
  script: string,
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Started> {
  const cwd = options.cwd ?? folder()
  const log = join(cwd, 'log')
  const marker = `/runs/test-${process.pid}#${markers++}`
  const owned = await spawnOwned({ argv: [process.execPath, '-e', script], cwd, env: options.env ?? {}, log, marker })
  onTestFinished(() => stopStarted({ identity: owned.identity, marker }, 0))
  const says = (...words: readonly string[]): Promise<string> =>
    vi.waitFor(() => {
      const text = readFileSync(log, 'utf8')
      for (const word of words) expect(text).toContain(word)
      return text
    }, WAIT)
  return { owned, marker, log, says }
}

/** A program that starts another one and tells its id. */
export function withChild(own: string, child: string): string {
  const spawn = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" })`
  return `const child = ${spawn}; console.log("child=" + child.pid + "."); ${own}`
}

export function childIn(text: string): number {
  return Number(/child=(\d+)\./.exec(text)?.[1])
}

/** Whether a process runs; one that has ended and that nobody has collected does not. */
export function isRunning(pid: number): boolean {
  if (!onLinux) return isSignalled(pid)
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))
}

function isSignalled(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

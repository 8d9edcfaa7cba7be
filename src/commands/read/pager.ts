/** A long result on a terminal goes through a pager, as people expect of `git log`; anywhere else it is written as it is. */

import { type ChildProcess, spawn } from 'node:child_process'
import { writeResult } from '../options.ts'

export interface Pager {
  /** @returns false where the reader has gone */
  write(text: string): Promise<boolean>
  /** Resolves when the reader is done. */
  close(): Promise<void>
}

const DIRECT: Pager = { write: writeResult, close: async () => undefined }

/**
 * `$PAGER`, else `less`, only where stdout is a terminal. Its arguments are split at spaces; no shell is asked.
 * @param wanted false writes at once
 */
export function openPager(wanted: boolean): Pager {
  const asked = process.env.PAGER
  if (!wanted || process.stdout.isTTY !== true || asked === '' || asked === 'cat') return DIRECT
  const [program = 'less', ...args] = (asked ?? 'less').split(/\s+/).filter(Boolean)
  // F: a result of one screen ends by itself; R: colours; X: it stays on the screen.
  const environment = { ...process.env, LESS: process.env.LESS ?? 'FRX' }
  const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'], env: environment })
  return throughChild(child)
}

function throughChild(child: ChildProcess): Pager {
  let isGone = false
  // A program that is not there says so only after a moment; nothing is written to it before.
  const started = new Promise<boolean>((resolve) => {
    child.once('spawn', () => resolve(true))
    child.once('error', () => resolve(false))
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      isGone = true
      resolve()
    })
  })
  // A reader who leaves before the end is no error.
  child.stdin?.on('error', () => undefined)
  return {
    async write(text) {
      if (!(await started) || !child.stdin) return writeResult(text)
      if (isGone) return false
      if (!child.stdin.write(text)) await Promise.race([drained(child), ended])
      return !isGone
    },
    async close() {
      if (!(await started)) return
      child.stdin?.end()
      await ended
    },
  }
}

function drained(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.stdin?.once('drain', () => resolve()))
}

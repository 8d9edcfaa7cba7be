/** Proof that devices are free: a command tells how much memory each uses, and it is asked until that is little enough. */

import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ServerError } from '../core/errors.ts'

export interface MemoryProof {
  /** argv of a program whose lines end in MiB in use, one line a device, such as nvidia-smi. */
  readonly command: readonly string[]
  readonly cwd: string
  /** MiB in use that a free device may show. */
  readonly belowMib: number
  /** Longest wait. */
  readonly seconds: number
}

const POLL_MS = 500
/** One answer of the command; nvidia-smi takes seconds where a driver is not kept loaded. */
const ANSWER_MS = 60_000

/** @throws ServerError when devices stay in use, or the command does not tell */
export async function waitForFreeMemory(proof: MemoryProof, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + proof.seconds * 1000
  for (;;) {
    const used = await usedMib(proof, signal)
    const most = Math.max(...used)
    if (most <= proof.belowMib) return
    if (performance.now() >= deadline) {
      throw new ServerError(
        `Device ${used.indexOf(most)} still has ${most} MiB in use ${proof.seconds} s after the inference server ended (more than serve.memory.belowMib, ${proof.belowMib}); end what holds it, or raise the bound.`,
      )
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

async function usedMib(proof: MemoryProof, signal: AbortSignal): Promise<number[]> {
  const [program = '', ...args] = proof.command
  const { stdout } = await promisify(execFile)(program, args, { cwd: proof.cwd, timeout: ANSWER_MS, signal }).catch(
    (error: unknown) => {
      signal.throwIfAborted()
      const why = error instanceof Error ? error.message.trim() : String(error)
      throw new ServerError(
        `serve.memory.command (${program}) does not tell how much memory is in use: ${why}. Correct it, or leave serve.memory out.`,
        { cause: error },
      )
    },
  )
  const used = stdout.split('\n').flatMap((line) => {
    const mib = /(\d+(?:\.\d+)?)\s*(?:MiB)?\s*$/.exec(line)?.[1]
    return mib === undefined ? [] : [Number(mib)]
  })
  if (used.length > 0) return used
  throw new ServerError(
    `serve.memory.command (${program}) named no device; its lines must end in the MiB in use. Correct it, or leave serve.memory out.`,
  )
}

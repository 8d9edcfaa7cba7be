/** The verifier of a run, as its configuration asks for: the checker's threads, and the user's own program behind them. */

import type { RunConfig } from '../../config/schema.ts'
import { createVerifierPool } from '../../verify/pool.ts'
import type { Verifier } from '../context.ts'
import { withCommand } from './command-verifier.ts'

/** @param configDirectory where `verify.command` is started */
export function createVerifier({ verify }: RunConfig, configDirectory: string): Verifier {
  const { percent, rounding, order, extra, units, parts } = verify
  const timeoutMs = verify.timeoutSeconds * 1000
  const pool = createVerifierPool({
    threads: verify.threads,
    timeoutMs,
    memoryMb: verify.memoryMb,
    judge: { percent, rounding, order, extra, units, parts },
  })
  if (verify.command === undefined) return pool
  return withCommand(pool, {
    command: verify.command,
    commandFor: verify.commandFor,
    directory: configDirectory,
    timeoutMs,
  })
}

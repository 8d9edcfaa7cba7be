/** A check of doctor's that throws one of our sentences is a finding; the other checks continue. */

import { Interrupted, ServerError, SpendwiseError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'

export async function guarded(findings: Finding[], subject: string, check: () => void | Promise<void>): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (!(error instanceof SpendwiseError) || error instanceof Interrupted) throw error
    findings.push({ level: error instanceof ServerError ? 'unreachable' : 'problem', subject, text: error.message })
  }
}

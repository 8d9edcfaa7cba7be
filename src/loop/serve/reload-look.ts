/** Whether an engine can be given weights while it runs, and by whom: what doctor says before the first hand-over. */

import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import type { Finding, FindingLevel } from '../../core/finding.ts'
import { readLogprobs, readWeightVersion } from '../../sample/server/weights.ts'

const LOOPBACK = /^(localhost|\[::1\]|127(\.\d+){3})$/

export async function lookAtEngine(engine: Endpoint, model: string, signal: AbortSignal): Promise<Finding[]> {
  const { baseURL } = engine
  const say = (level: FindingLevel, text: string): Finding => ({ level, subject: 'reload', text })
  try {
    const version = await readWeightVersion(engine, signal)
    if (version === undefined) {
      return [
        say(
          'problem',
          `${baseURL} has no development routes, so weights cannot be loaded while it runs; start vLLM with VLLM_SERVER_DEV_MODE=1.`,
        ),
      ]
    }
    const readings = await readLogprobs(engine, model, undefined, signal)
    const count = readings.length === 1 ? 'one engine' : `${readings.length} engines`
    const findings = [
      say('ok', `${baseURL} can be given weights while it runs; ${count} behind it, proven by log-probabilities.`),
    ]
    if (!LOOPBACK.test(new URL(baseURL).hostname) && (await isOpen(engine, signal))) {
      findings.push(
        say(
          'problem',
          `Whoever reaches ${baseURL} can replace its weights without a key; guard its development routes, which vLLM's own key does not.`,
        ),
      )
    }
    return findings
  } catch (error) {
    if (error instanceof ServerError) return [say('problem', error.message)]
    throw error
  }
}

async function isOpen(engine: Endpoint, signal: AbortSignal): Promise<boolean> {
  try {
    return (await readWeightVersion({ ...engine, apiKey: undefined }, signal)) !== undefined
  } catch (error) {
    if (error instanceof ServerError) return false
    throw error
  }
}

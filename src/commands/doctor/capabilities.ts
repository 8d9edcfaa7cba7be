/** Doctor's word on what an endpoint silently ignores, refuses, or offers beyond the protocol. */

import type { RunConfig } from '../../config/schema.ts'
import type { Finding } from '../../core/finding.ts'
import { endpointOf } from '../../loop/serve/endpoint.ts'
import { type Capabilities, probeCapabilities } from '../../sample/server/capabilities.ts'

/** What follows for the run where a server does not honour a parameter that the run relies on. */
const CONSEQUENCES = {
  seed: 'the same seed gives other texts, so nothing can be sampled again as it was; what is stored counts',
  stop: 'texts run on past sample.stop; raise no hopes in completions of a base model',
  n: 'one completion a request, which is all that is ever asked for',
  logprobs: 'no log probabilities',
} as const satisfies Partial<Record<keyof Capabilities, string>>

/** Probes an endpoint that is up. @throws the signal's reason */
export async function describeCapabilities(
  config: RunConfig,
  written: RunConfig['sample']['endpoints'][number],
  signal: AbortSignal,
): Promise<Finding[]> {
  const { api, timeoutSeconds, stop } = config.sample
  const options = { api, parameters: config.sample, timeoutMs: Math.min(30, timeoutSeconds) * 1000 }
  const found = await probeCapabilities(endpointOf(written), written.model, options, signal)
  if (found === undefined) return []
  const ignored = Object.entries(CONSEQUENCES).filter(([name]) => found[name as keyof typeof CONSEQUENCES] === 'no')
  const needsStop = stop.length > 0 && (found.stop === 'no' || found.stop === 'refused')
  const offers = [
    found.tokenIds === 'yes' && 'token ids',
    found.metrics === 'yes' && "vLLM's metrics",
    found.cacheSalt === 'yes' && found.metrics === 'yes' && 'cache salts',
    found.limitField === 'max_completion_tokens' && 'max_completion_tokens in place of max_tokens',
  ].filter((offer) => offer !== false)
  return [
    ...(offers.length > 0
      ? [{ level: 'ok', subject: 'endpoint', text: `${written.baseURL} offers ${offers.join(', ')}.` } as const]
      : []),
    ...(found.refused.length > 0
      ? [
          {
            level: 'note',
            subject: 'endpoint',
            text: `${written.baseURL} refuses ${found.refused.join(', ')}; requests are sent without.`,
          } as const,
        ]
      : []),
    ...(found.keepsThinking ? [describeThinking(written.baseURL, config, found)] : []),
    ...ignored.map(
      ([name, consequence]): Finding => ({
        level: needsStop && name === 'stop' ? 'problem' : 'note',
        subject: 'endpoint',
        text: `${written.baseURL} takes ${name} and ignores it: ${consequence}.`,
      }),
    ),
  ]
}

/** What a run makes of thinking that comes in a field of its own. */
function describeThinking(baseURL: string, { sample }: RunConfig, { thinkingOpens }: Capabilities): Finding {
  const opens = thinkingOpens === null ? 'nobody knows what opens it' : `opened by ${JSON.stringify(thinkingOpens)}`
  const what = {
    join: `it is put before the answer (${opens}), ended by </think>`,
    drop: 'it is left out, and such traces are trained on and exported with --allow-altered alone',
    refuse: 'the run would stop at its first answer; start the server without a reasoning parser',
  } as const
  const level = sample.reasoning === 'refuse' ? 'problem' : 'note'
  return {
    level,
    subject: 'endpoint',
    text: `${baseURL} keeps thinking in a field of its own; sample.reasoning is ${sample.reasoning}: ${what[sample.reasoning]}.`,
  }
}

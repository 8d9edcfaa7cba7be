/** Several endpoints as one sampler: each request goes where the least is in flight. */

import type { Sampler } from '../core/sampler.ts'

/**
 * @param samplers at least one; all are to serve the same weights under the same name
 */
export function createSamplerPool(samplers: readonly [Sampler, ...Sampler[]]): Sampler {
  const members = samplers.map((sampler) => ({ sampler, inFlight: 0 }))
  return {
    async sample(request, signal) {
      // Filled in proportion to what each can take.
      const member = members.reduce((least, other) => (load(other) < load(least) ? other : least))
      member.inFlight++
      try {
        return await member.sampler.sample(request, signal)
      } finally {
        member.inFlight--
      }
    },
    concurrency: samplers.reduce((sum, { concurrency }) => sum + concurrency, 0),
    async close() {
      await Promise.all(samplers.map((sampler) => sampler.close()))
    },
  }
}

function load(member: { readonly sampler: Sampler; readonly inFlight: number }): number {
  return member.inFlight / member.sampler.concurrency
}

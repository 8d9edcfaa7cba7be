/** The parts of the real-stack tests with vLLM itself, on the CPU. */

import type { Outcome } from '../outcome.ts'
import { oneOfOurOwn } from './own.ts'
import { parallelEngines, tiedWeights } from './reload.ts'
import { vllmOutcome } from './stage.ts'
import { oneThatIsThere } from './there.ts'
import { oneThatThinks } from './thinking.ts'

/** One server that somebody else looks after, and one of a run's own. @param isLong to the end of the run that Ctrl-C stopped */
export function vllmPart(isLong: boolean): Promise<Outcome> {
  return vllmOutcome(oneThatIsThere, function oneOfARun(program) {
    return oneOfOurOwn(program, isLong)
  })
}

/** What a reload meets: an output layer that stays behind, and two engines behind one address. */
export function reloadPart(): Promise<Outcome> {
  return vllmOutcome(tiedWeights, parallelEngines)
}

/** With a reasoning parser: what is put together is what the model wrote, token for token. */
export function thinkingPart(): Promise<Outcome> {
  return vllmOutcome(oneThatThinks)
}

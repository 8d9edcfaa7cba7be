/** The gate's test of a checkpoint against the last accepted one: at once, or look by look until it is decided. */

import { gateDesign } from '../../config/gate-design.ts'
import { FEWEST_PROBLEMS, type GateResult, gateAlpha, judgeGate } from '../../core/measure/gate.ts'
import { type GateLook, gateLooks } from '../../core/measure/gate-looks.ts'
import { iterationsLeft } from '../../run/outlook.ts'
import type { CheckpointRow, GateLookRow } from '../../store/iterations.ts'
import type { RunContext } from '../context.ts'
import { whileServed } from '../serve/served.ts'
import { measureGate } from './evaluation.ts'

/**
 * Measures as far as the test needs and decides. Every look is a row as soon as it is made, so that an interrupted test continues in the
 * look that it was in, at the same error probability.
 * @param before the last accepted checkpoint, measured at the first look's samples at least
 */
export async function decideGate(
  context: RunContext,
  before: CheckpointRow,
  after: CheckpointRow,
): Promise<GateResult> {
  const alpha = alphaAt(context, after.iteration)
  const design = gateDesign(context.config)
  const looks = gateLooks(design, alpha)
  // So few problems decide nothing, however often they are asked.
  const useful = context.problems.gate.length < FEWEST_PROBLEMS ? looks.slice(0, 1) : looks
  let served = after
  let result: GateResult | undefined
  for (const look of useful) {
    const stored = lookOf(context, after, look)
    if (stored) {
      result = resultOf(stored)
    } else {
      // Whoever is served goes first, so that a look takes one hand-over at most.
      const order = served === after ? [after, before] : [before, after]
      for (const checkpoint of order) {
        if (checkpoint === before && look === useful[0]) continue
        served = checkpoint
        await whileServed(context, checkpoint, (it) => measureGate(context, it, look.samples))
      }
      result = testAt(context, before, after, look, alpha)
      if (useful.length > 1) keepLook(context, after, look, result)
    }
    if (result.decision !== 'undecided') return result
  }
  if (!result) throw new Error('a gate has a look')
  return result
}

function testAt(
  context: RunContext,
  before: CheckpointRow,
  after: CheckpointRow,
  { samples, level }: GateLook,
  alpha: number,
): GateResult {
  const { most } = gateDesign(context.config)
  const scoresOf = ({ iteration, attempt }: CheckpointRow): Map<string, number> =>
    context.store.completions.scores('gate', iteration, attempt * most, attempt * most + samples)
  const input = { before: scoresOf(before), after: scoresOf(after), samples, margin: context.config.gate.margin }
  return { ...judgeGate({ ...input, alpha: level }), alpha }
}

function keepLook({ store, emit }: RunContext, after: CheckpointRow, look: GateLook, result: GateResult): void {
  const { iteration, attempt } = after
  const { mean: difference, low, high, n } = result.difference
  const { decision, alpha, saved } = result
  store.iterations.addGateLook({ iteration, attempt, ...look, decision, difference, low, high, n, alpha, saved })
  emit({ kind: 'gate-look', iteration, samples: look.samples, decision, difference, low, high })
}

function lookOf({ store }: RunContext, { iteration, attempt }: CheckpointRow, { samples }: GateLook) {
  return store.iterations
    .gateLooks()
    .find((row) => row.iteration === iteration && row.attempt === attempt && row.samples === samples)
}

function resultOf({ decision, difference: mean, low, high, n, alpha, saved }: GateLookRow): GateResult {
  return { decision, difference: { mean, low, high, n }, alpha, saved }
}

/** Decided at an iteration's first look, and the same for its others. */
function alphaAt({ config, store }: RunContext, iteration: number): number {
  const rows = store.iterations.gates().filter(({ attempt }) => attempt === 0)
  const own = [...rows, ...store.iterations.gateLooks()].find((row) => row.iteration === iteration)
  if (own) return own.alpha
  const { gate } = config
  return gateAlpha({
    alpha: gate.alpha,
    attempts: gate.onFail === 'retry' ? 1 + gate.retries : 1,
    spent: rows.filter((row) => row.iteration < iteration).map(({ alpha }) => alpha),
    left: iterationsLeft(config, store, iteration),
  })
}

/** What the end of an iteration's sampling leaves idle, with the evaluation of the same checkpoint after it and in its gaps. */

import { evaluationDraws } from '../src/loop/measure/evaluation.ts'
import { drawTogether } from '../src/loop/sample/draw.ts'
import { sampleIteration } from '../src/loop/sample/sampling.ts'
import { openRun } from '../test/loop/open-run.ts'
import { MODEL, type Rig, startRig } from './sampling-rig.ts'

const IN_FLIGHT = 512

/** @param accepted n_t */
export async function measureDrain(accepted: number): Promise<void> {
  // Answers of 0.4 s, log-normal: one of a hundred takes four times as long, one of ten thousand nine times.
  const rig = await startRig(['--latency-ms', '400', '--latency-sigma', '0.6'])
  console.log(`n_t ${accepted}, ${IN_FLIGHT} in flight; 1,600 evaluation answers and 400 greedy ones`)
  console.log('evaluation   seconds   idle slot-seconds   of all')
  try {
    for (const overlaps of [false, true]) {
      const { seconds, idle } = await sampleAndEvaluate(rig, accepted, overlaps)
      const share = `${((100 * idle) / (seconds * IN_FLIGHT)).toFixed(1)}%`
      const cells = [seconds.toFixed(1).padStart(10), idle.toFixed(0).padStart(20), share.padStart(9)]
      console.log(`${overlaps ? 'overlaps' : 'after it'}  ${cells.join('')}`)
    }
  } finally {
    rig.close()
  }
}

async function sampleAndEvaluate(rig: Rig, accepted: number, overlaps: boolean) {
  let idle = 0
  const text = `problems:
  train: [{ dataset: jsonl, path: problems.jsonl, take: first-100 }]
  evaluate: [{ dataset: jsonl, path: problems.jsonl, take: last-400 }]
sample: { endpoints: [{ baseURL: "${rig.baseURL}", model: ${MODEL} }], concurrency: ${IN_FLIGHT} }
accept: { deduplicate: none }
evaluate: { samples: 4 }
budget: { policy: { kind: constant, initial: ${accepted} }, iterations: 1 }
`
  const run = await openRun(rig.folder, text, {
    emit(event) {
      if (event.kind === 'sampled') idle += event.idleSlotSeconds
    },
  })
  const { context, base } = run
  const begin = performance.now()
  const row = run.begin({ kind: 'accepted', count: accepted })
  const from = { checkpoint: base.id, model: MODEL }
  const draws = await evaluationDraws(context, { checkpoint: base, model: MODEL, baseURL: '' })
  await sampleIteration(context, row, from, 1, overlaps ? draws : [])
  if (!overlaps) idle += (await drawTogether(context, draws)).idleSlotSeconds
  const seconds = (performance.now() - begin) / 1000
  await run.close()
  return { seconds, idle }
}

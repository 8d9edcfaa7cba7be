/** Resident memory while one iteration, driven by the run's own loop, samples its way to a million completions and closes. */

import { sampleIteration } from '../src/loop/sample/sampling.ts'
import { openRun } from '../test/loop/open-run.ts'
import { MODEL, type Rig, runText, startRig } from './sampling-rig.ts'

export async function measureMemory(completions: number): Promise<void> {
  const rig: Rig = await startRig([])
  let next = completions / 10
  const run = await openRun(rig.folder, runText(rig, { inFlight: 256 }), {
    emit(event) {
      if (event.kind !== 'sampling' || event.sampled < next) return
      show(String(event.sampled))
      next = (Math.floor((10 * event.sampled) / completions) + 1) * (completions / 10)
    },
  })
  console.log('completions   RSS MB   heap used   heap   external')
  try {
    const row = run.begin({ kind: 'sampled', count: completions })
    const begin = performance.now()
    await sampleIteration(run.context, row, { checkpoint: run.base.id, model: MODEL }, 1)
    const seconds = (performance.now() - begin) / 1000
    show('closed')
    console.log(`${(completions / seconds).toFixed(0)} a second, closing included`)
  } finally {
    await run.close()
    rig.close()
  }
}

function show(label: string): void {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  const cells = [rss, heapUsed, heapTotal, external].map((bytes) => (bytes / 1e6).toFixed(0))
  console.log(label.padStart(11) + [9, 12, 7, 11].map((width, i) => (cells[i] ?? '').padStart(width)).join(''))
}

export function megabytes(): number {
  return process.memoryUsage().rss / 1e6
}

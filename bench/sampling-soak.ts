/** Long completions in large numbers for minutes: asked, answered and stored are counted, and every text is looked at. */

import { openDatabase } from '../src/store/open.ts'
import { megabytes } from './sampling-memory.ts'
import { openEndToEnd, serverStats, startRig } from './sampling-rig.ts'

const IN_FLIGHT = 1024
const TOKENS = 16_000
/** Completions a second: 800,000 tokens, which is eight times what is asked of one process, and 2 GB of disk in ten minutes. */
const SERVICE_RATE = 50

export async function soak(minutes: number, stream: boolean): Promise<void> {
  // Every text runs to its limit; streamed ones come in pieces all the while.
  const flags = ['--truncate', '1', '--max-model-len', '1000000', '--service-rate', String(SERVICE_RATE), '--trickle']
  const rig = await startRig(flags)
  const run = await openEndToEnd(rig, { inFlight: IN_FLIGHT, maxTokens: TOKENS, stream })
  console.log(`${stream ? 'streamed' : 'plain'}: ${IN_FLIGHT} in flight, ${TOKENS} tokens each, ${minutes} minutes`)
  const begin = performance.now()
  const timer = setInterval(() => {
    const stored = run.context.spending.spent().samples
    console.log(
      `${((performance.now() - begin) / 60_000).toFixed(1).padStart(6)} min ${String(stored).padStart(8)} stored, RSS ${megabytes().toFixed(0)} MB`,
    )
  }, 60_000)
  try {
    const asked = await run.drawFor(minutes * 60_000)
    const seconds = (performance.now() - begin) / 1000
    const { answered, abandoned, maxInFlight } = await serverStats(rig)
    const db = openDatabase(run.context.store.path, { readonly: true })
    const count = (sql: string): number => Number(db.prepare(sql).pluck().get())
    const stored = count('select count(*) from completion')
    const figures = {
      asked,
      answered,
      stored,
      distinct: count('select count(*) from (select distinct purpose, iteration, problem, idx from completion)'),
      whole: count(
        `select count(*) from completion where completion_tokens = ${TOKENS} and length(text) = ${4 * TOKENS}`,
      ),
      verdicts: count('select count(*) from verdict'),
      failed: count("select count(*) from completion where finish_reason = 'failed'"),
      attempts: count('select count(*) from attempt'),
      abandoned,
      maxInFlight,
    }
    db.close()
    console.log(
      Object.entries(figures)
        .map(([name, figure]) => `${name} ${figure}`)
        .join(', '),
    )
    console.log(
      `${((stored * TOKENS) / seconds).toFixed(0)} tokens a second, RSS ${megabytes().toFixed(0)} MB at the end`,
    )
    for (const { outcome, attempts } of run.context.store.ledger.attempts())
      console.log(`  attempts ${outcome}: ${attempts}`)
    const isWhole = [figures.answered, stored, figures.distinct, figures.whole, figures.verdicts].every(
      (n) => n === asked,
    )
    console.log(isWhole ? 'nothing lost, nothing twice' : 'NOT whole')
    if (!isWhole) process.exitCode = 1
  } finally {
    clearInterval(timer)
    await run.close()
    rig.close()
  }
}

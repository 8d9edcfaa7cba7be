/**
 * Completions and tokens per second, sampled, verified and stored, next to a bare undici loop on the same server.
 *
 *     node bench/sampling.ts rate [COMPLETIONS]      a server that answers 1,000 a second: the share of the bare loop's rate
 *     node bench/sampling.ts full [COMPLETIONS]      a server that answers as fast as it can
 *     node bench/sampling.ts tokens [COMPLETIONS]    long completions, plain and streamed
 *     node bench/sampling.ts memory [COMPLETIONS]    resident memory of one iteration on the way to a million, and of closing it
 *     node bench/sampling.ts soak [MINUTES]          1,024 at a time of 16,000 tokens, plain and then streamed, counted one by one
 *     node bench/sampling.ts drain [ACCEPTED]        what the end of an iteration's sampling leaves idle, and what evaluation makes of it
 *     node bench/sampling.ts faults [SECONDS] [ROW]  goodput under refusals, errors, lost connections and limits, as shares of none
 *     node bench/sampling.ts peer PYTHON [COUNT]     the same work by inspect_ai (bench/sampling_peer.py) on the same server
 *
 * The server is the test server in a process of its own. CPU time is that of this process alone (its verifier threads
 * included), so it holds on a busy machine too.
 */

import { measureDrain } from './sampling-drain.ts'
import { measureFaults } from './sampling-faults.ts'
import { measureMemory, megabytes } from './sampling-memory.ts'
import { comparePeer } from './sampling-peer.ts'
import { drawBare, openEndToEnd, startRig } from './sampling-rig.ts'
import { soak } from './sampling-soak.ts'

const [mode = 'rate', count, more] = process.argv.slice(2)
const IN_FLIGHT = [1, 64, 512, 2048] as const

switch (mode) {
  case 'rate':
    await compare(['--service-rate', '1000'], Number(count ?? 6000))
    break
  case 'full':
    await compare([], Number(count ?? 6000))
    break
  case 'tokens':
    await tokens(Number(count ?? 2048))
    break
  case 'memory':
    await measureMemory(Number(count ?? 1_000_000))
    break
  case 'soak':
    for (const stream of [false, true]) await soak(Number(count ?? 10), stream)
    break
  case 'drain':
    await measureDrain(Number(count ?? 2560))
    break
  case 'faults':
    await measureFaults(Number(count ?? 8), more)
    break
  case 'peer':
    await comparePeer(count ?? 'python3', Number(more ?? 2000))
    break
  default:
    throw new Error(`${mode} is none of rate, full, tokens, memory, soak, drain, faults, peer`)
}

async function compare(flags: readonly string[], completions: number): Promise<void> {
  const rig = await startRig(flags)
  console.log('in flight   end to end/s   bare/s   ratio   end to end us CPU   bare us CPU')
  try {
    for (const inFlight of IN_FLIGHT) {
      const wanted = inFlight === 1 ? Math.ceil(completions / 6) : completions
      const run = await openEndToEnd(rig, { inFlight })
      await run.draw(Math.min(wanted, 500))
      const lost = new Map<string, number>()
      const drawBeside = async (): Promise<void> => {
        for (const [error, times] of await drawBare(rig, inFlight, wanted))
          lost.set(error, (lost.get(error) ?? 0) + times)
      }
      const bare = await timed(wanted, drawBeside)
      const ours = await timed(wanted, () => run.draw(wanted))
      const again = await timed(wanted, drawBeside)
      const beside = (bare.perSecond + again.perSecond) / 2
      const cells = [inFlight, ours.perSecond.toFixed(0), beside.toFixed(0), (ours.perSecond / beside).toFixed(3)]
      console.log(
        [...cells, ours.cpuUs.toFixed(0), bare.cpuUs.toFixed(0)].map((cell) => String(cell).padStart(11)).join(''),
      )
      for (const [error, times] of lost) console.log(`  the bare loop lost ${times} requests: ${error}`)
      const retried = run.context.store.ledger.retried()
      if (retried > 0) console.log(`  end to end ${retried} attempts were repeated`)
      await run.close()
    }
  } finally {
    rig.close()
  }
}

async function tokens(completions: number): Promise<void> {
  // Every text runs to its limit: 16,000 tokens are 64,000 characters.
  const rig = await startRig(['--truncate', '1', '--max-model-len', '1000000'])
  console.log('1,024 in flight          tokens/s   completions/s   us CPU a completion   RSS MB')
  try {
    for (const stream of [false, true]) {
      const run = await openEndToEnd(rig, { inFlight: 1024, maxTokens: 16_000, stream })
      const figures = await timed(completions, () => run.draw(completions))
      const perSecond = (run.context.store.ledger.totals().tokens / completions) * figures.perSecond
      const cells = [
        perSecond.toFixed(0),
        figures.perSecond.toFixed(1),
        figures.cpuUs.toFixed(0),
        megabytes().toFixed(0),
      ]
      console.log(`${stream ? 'streamed' : 'plain   '}${cells.map((cell) => cell.padStart(16)).join('')}`)
      await run.close()
    }
  } finally {
    rig.close()
  }
}

interface Figures {
  readonly perSecond: number
  /** Microseconds of CPU time a completion. */
  readonly cpuUs: number
}

async function timed(completions: number, work: () => Promise<unknown>): Promise<Figures> {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await work()
  const used = process.cpuUsage(cpu)
  return {
    perSecond: completions / ((performance.now() - begin) / 1000),
    cpuUs: (used.user + used.system) / completions,
  }
}

/** One vLLM that spendwise starts, takes over after it was killed, replaces when its API server is killed, and ends at Ctrl-C. */

import { join } from 'node:path'
import type { RunEvent } from '../../../src/core/events.ts'
import { isAlive } from '../../../src/process/owned.ts'
import { freePort, MODEL, openLoop, query, type RealLoop } from '../real-loop.ts'
import { endOf, isPortFree, leftOf, processesOf, serversOf, vllmCommand } from './server.ts'
import { type Claim, ended, type Program, runYaml, sampled } from './stage.ts'

// A start for the base, one after the kill of its API server, one for each checkpoint.
export async function oneOfOurOwn(program: Program, isLong: boolean): Promise<Claim[]> {
  const port = await freePort()
  const command = JSON.stringify(vllmCommand({ program }))
  const serve = `{ kind: restart, share: train, readySeconds: 600, command: ${command} }`
  // With more at once the whole of an evaluation would be under way when it is stopped, and its end the end of the run.
  const loop = openLoop(runYaml({ port, model: MODEL, program }, { sample: 'concurrency: 8', serve }), {
    SPENDWISE_NO_CACHE: '1',
  })
  const claims: Claim[] = []
  try {
    const killed = await loop.run({ stopAt: sampled('evaluate', -1) })
    const [first] = serversOf(loop)
    claims.push([`spendwise is killed while it draws (${ended(killed)})`, killed.signal === 'SIGKILL'])
    claims.push(['its server stays up', first !== undefined && isAlive(first)])
    if (first === undefined) throw new Error('no server has been written down')
    const orphans: number[] = []
    const before = [
      { at: sampled('train'), act: () => void process.kill(first.pid, 'SIGKILL') },
      // By now another one is up in its place.
      { at: (event: RunEvent) => event.kind === 'sampled', act: () => void orphans.push(processesOf(first).length) },
    ]
    const end = await loop.run({ before, stopAt: sampled('evaluate', 1), signal: 'SIGINT' })
    const servers = serversOf(loop)
    claims.push(
      [`Ctrl-C ends it with 130 (${ended(end)})`, end.code === 130],
      ['of the server whose API process was killed nothing is left', orphans.join() === '0'],
      [
        `it was taken over, replaced, and followed by one for each checkpoint (${servers.length})`,
        servers.length === 4,
      ],
      ['no process of any server is left', leftOf(loop).length === 0],
      ['the port is free again', await isPortFree(port)],
      [
        'n_t was met in both iterations',
        loop
          .status()
          .iterations.map(({ accepted }) => accepted)
          .join() === '30,30',
      ],
    )
    if (isLong) claims.push(...(await goesOn(loop)))
  } catch (error) {
    claims.push([`nothing broke: ${error instanceof Error ? error.message : String(error)}`, false])
  } finally {
    const broken = claims.some(([, holds]) => !holds)
    if (broken) console.error(endOf(join(loop.directory, 'server.log'), 30))
    for (const { pid } of leftOf(loop)) process.kill(pid, 'SIGKILL')
    loop.remove()
  }
  return claims
}

async function goesOn(loop: RealLoop): Promise<Claim[]> {
  const end = await loop.run()
  const twice = query(loop, 'select 1 from completion group by purpose, iteration, problem, idx having count(*) > 1')
  return [
    [`the same command resumes it to the end (${ended(end)})`, end.code === 0 && loop.status().state === 'done'],
    ['no completion is there twice', twice.length === 0],
    ['no process of any server is left at the end', leftOf(loop).length === 0],
  ]
}

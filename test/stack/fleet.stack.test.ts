/**
 * A fleet of three small real servers (`transformers serve`) through a real Slurm of three nodes and through a real Ray of three machines, all
 * of them this one: a server killed, time limits that end, weights swapped, and spendwise killed in the middle of that.
 */

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FleetMember } from '../../src/core/fleet.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { openStore } from '../../src/store/store.ts'
import { type Ended, type Started, startCommand } from '../loop/command.ts'
import { faultsOf, killOwned, NO_FAULTS } from '../loop/killing.ts'
import { createWorkplace, type Workplace } from '../loop/workplace.ts'
import { FLEET_STAGES, type FleetStage } from './fleet-stages.ts'
import { stackPython } from './python.ts'
import { MODEL, recipeCommand, serveCommand } from './real-loop.ts'
import { isPortFree } from './vllm/server.ts'

const SERVERS = 3
const ACCEPTED = Number(process.env.ACCEPTED ?? 100)
const WAIT = { timeout: 900_000, interval: 200 }
const python = stackPython()

describe.each(Object.entries(FLEET_STAGES))('a fleet through %s', (_, { missing, start: startStage }) => {
  const why = python.kind === 'missing' ? python.why : missing()
  describe.skipIf(why !== undefined)(why === undefined ? 'of real servers' : `(skipped: ${why})`, () => {
    let stage: FleetStage
    let place: Workplace
    let steps: readonly FleetMember[] = []
    const directory = (): string => place.at('runs/small')

    beforeAll(async () => {
      if (python.kind === 'missing') return
      stage = await startStage(SERVERS)
      place = createWorkplace()
      // transformers serve answers its list of models with an error where its cache is not there.
      mkdirSync(place.at('hub/hub'), { recursive: true })
      place.write('run.yaml', yaml(python.program, stage))
    }, 600_000)
    afterAll(async () => {
      if (place) killOwned(directory())
      await stage?.close()
      place?.remove()
    }, 300_000)

    const go = (): Started => startCommand(['run', 'run.yaml', '--json'], { cwd: place.folder, env: stage.env })
    /** Every step of every server so far, in order. */
    const look = (): readonly FleetMember[] => {
      const store = openStore(directory(), { readonly: true })
      try {
        steps = store.fleet.all()
      } finally {
        store.close()
      }
      return steps
    }
    /** Waits for a look at the servers that shows something; ends at once when the run has. */
    const seen = async <T>({ ended }: Started, find: (all: readonly FleetMember[]) => T | undefined): Promise<T> => {
      let over: Ended | undefined
      void ended.then((one) => {
        over = one
      })
      return await vi.waitUntil(() => {
        if (over) throw new Error(`the run is over: ${over.code} ${over.stderr} ${over.stdout.slice(-2000)}`)
        try {
          return find(look())
        } catch {
          // The run has not made its database yet.
          return undefined
        }
      }, WAIT)
    }

    test('one is killed, one meets its time limit, weights are swapped and spendwise killed over it: nothing lost, nothing twice, nothing left', async () => {
      const first = go()
      const victim = await seen(first, (all) => {
        const proven = newest(all).filter(({ step }) => step === 'proven')
        return proven.length >= 2 ? proven[0] : undefined
      })
      killServer(victim, place.folder)
      await seen(first, (all) => newest(all).find(({ key, step }) => key === victim.key && step === 'ended'))

      // Whoever meets its time limit has its successor at work before it goes; training waits for that.
      const ending = await seen(first, (all) =>
        all.find(({ key, step, address }) => key !== victim.key && step === 'retired' && address?.ends != null),
      )
      expect(new Set(steps.map(({ name }) => name)), 'weights so far').toEqual(new Set([victim.name]))
      expect(provenAt(steps, ending), describeSteps(steps)).toBeGreaterThan(SERVERS)
      place.write('go', '')

      await seen(first, (all) => all.find(({ name, step }) => name !== victim.name && step === 'submitted'))
      first.child.kill('SIGKILL')
      expect(await first.ended).toMatchObject({ signal: 'SIGKILL' })

      const { code, stderr } = await go().ended
      expect({ code, stderr }, describeSteps(look())).toEqual({ code: 0, stderr: '' })
      look()
    })

    test('n_t was met in both iterations, and each was sampled from its own weights', async () => {
      const { stdout } = await place.run(['status', 'small', '--json'])
      const { state, iterations } = JSON.parse(stdout) as RunStatus
      expect(state).toBe('done')
      const reached = iterations.map(({ accepted, target, state }) => ({ accepted, target, state }))
      expect(reached).toEqual([0, 1].map(() => ({ accepted: ACCEPTED, target: ACCEPTED, state: 'done' })))
      expect(faultsOf(place.folder)).toEqual(NO_FAULTS)
      const answered = query<{ iteration: number; model: string }>(
        directory(),
        "select distinct iteration, model from completion where purpose = 'train' and finish_reason <> 'failed' order by 1",
      )
      const weights = [MODEL, place.at('runs/small/checkpoints/00')].map((path) => `${path}@main`)
      expect(answered).toEqual(weights.map((model, iteration) => ({ iteration, model })))
    })

    test('each server was one job, all have ended, and no job, process or port is left', async () => {
      expect(new Set(newest(steps).map(({ step }) => step))).toEqual(new Set(['ended']))
      const handles = steps.flatMap(({ key, handle }) => (handle ? [`${key} ${handle.id}`] : []))
      expect(new Set(handles).size).toBe(newest(steps).filter(({ handle }) => handle).length)
      expect(await stage.jobsLeft()).toEqual([])
      expect(processesIn(place.folder)).toEqual([])
      for (const port of new Set(steps.flatMap(({ address }) => address?.port ?? []))) {
        expect(await isPortFree(port), `port ${port}`).toBe(true)
      }
    })
  })
})

function yaml(program: (name: string) => string, { serve }: FleetStage): string {
  // Below those that the system gives to connections of its own.
  const first = 20_000 + Math.floor(Math.random() * 12_000)
  const train = ['bash', '-c', WAIT_FOR_GO, program('python'), ...recipeCommand()]
  return `name: small
base: ${MODEL}
problems: { train: [{ dataset: steps, level: main, count: 400 }] }
sample: { maxTokens: 64, concurrency: 3 }
budget: { policy: { kind: constant, initial: ${ACCEPTED} }, iterations: 2 }
train: { kind: command, command: ${JSON.stringify(train)}, env: { OMP_NUM_THREADS: "1" }, batch: 50, epochs: 1, lr: 1.0e-4 }
serve:
  kind: fleet
  ${serve}
  servers: ${SERVERS}
  host: 127.0.0.1
  ports: ${first}-${first + 99}
  command: ${JSON.stringify(serveCommand(program, false))}
  readySeconds: 300
  drainSeconds: 10
  stopSeconds: 10
`
}

const WAIT_FOR_GO = 'while [ ! -e go ]; do sleep 0.2; done; exec "$0" "$@"'

/** The newest step of each server. */
function newest(all: readonly FleetMember[]): FleetMember[] {
  return [...new Map(all.map((member) => [member.key, member])).values()]
}

/** How many servers were at work just before this step of one of them, itself included. */
function provenAt(all: readonly FleetMember[], step: FleetMember): number {
  const at = all.findIndex((one) => one.key === step.key && one.step === step.step)
  return newest(all.slice(0, at)).filter((one) => one.step === 'proven').length
}

function describeSteps(all: readonly FleetMember[]): string {
  return all
    .map(({ key, step, address, handle }) => `${key} ${step} ${handle?.id ?? ''} ${JSON.stringify(address ?? null)}`)
    .join('\n')
}

/** As the system does that is short of memory: the server alone, and whoever started it is left to notice. */
function killServer({ address }: FleetMember, folder: string): void {
  const pids = processesIn(folder).filter(
    (pid) => commandOf(pid).join(' ').includes(`transformers serve`) && commandOf(pid).includes(String(address?.port)),
  )
  const servers = pids.filter((pid) => /python/.test(commandOf(pid)[0] ?? ''))
  expect(servers.length, `servers at ${address?.port}`).toBeGreaterThan(0)
  for (const pid of servers) process.kill(pid, 'SIGKILL')
}

/** Those that have the folder in their command or their environment. */
function processesIn(folder: string): number[] {
  const files = (pid: number): string => ['cmdline', 'environ'].map((name) => procFile(pid, name)).join('\0')
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && files(pid).includes(folder))
}

function commandOf(pid: number): string[] {
  return procFile(pid, 'cmdline').split('\0')
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    // It has ended.
    return ''
  }
}

function query<Row>(directory: string, sql: string): Row[] {
  const db = openDatabase(`${directory}/${DATABASE_FILE}`, { readonly: true })
  try {
    return db.prepare<[], Row>(sql).all()
  } finally {
    db.close()
  }
}

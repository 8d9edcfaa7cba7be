/** A whole loop whose server continues running and is given the weights of each checkpoint. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { type Ended, startCommand } from './command.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'
import { createOwnLoop, ownLoopYaml, reloadYaml } from './own-loop.ts'
import type { Workplace } from './workplace.ts'

let place: Workplace
let calm: object

beforeAll(async () => {
  place = createOwnLoop(120, 0.8)
  const loop = { budget: '{ policy: { kind: constant, initial: 30 }, iterations: 2 }' }
  place.write('run.yaml', await ownLoopYaml(loop))
  place.write('reload.yaml', reloadYaml(await ownLoopYaml(loop)))
  place.write('tied.yaml', reloadYaml(await ownLoopYaml({ ...loop, server: ['--reload-leaves', '0.3'] })))
  expect(await run('run.yaml')).toMatchObject({ code: 0, stderr: '' })
  calm = outcomeOf(place.at('run.yaml-folder'))
})
afterAll(() => place.remove())

function run(file: string): Promise<Ended> {
  const args = ['run', file, '--dir', `${file}-folder/runs/small`, '--quiet', '--no-cache']
  return startCommand(args, { cwd: place.folder }).ended
}

interface Served {
  readonly name: string
  readonly step: string
  readonly server: string | null
}

function handOversOf(file: string): Served[] {
  const db = openDatabase(place.at(`${file}-folder/runs/small`, DATABASE_FILE), { readonly: true })
  try {
    return db.prepare<[], Served>('select name, step, server from hand_over order by id').all()
  } finally {
    db.close()
  }
}

const serversOf = (rows: readonly Served[]): Set<string> => new Set(rows.flatMap(({ server }) => server ?? []))

test.concurrent('draws, trains and ends as one whose server is started for each checkpoint', async () => {
  expect(await run('reload.yaml')).toMatchObject({ code: 0, stderr: '' })
  expect(outcomeOf(place.at('reload.yaml-folder'))).toEqual(calm)
  expect(faultsOf(place.at('reload.yaml-folder'))).toEqual(NO_FAULTS)
  const rows = handOversOf('reload.yaml')
  expect(serversOf(rows).size).toBe(1)
  expect(rows.map(({ step }) => step).slice(-6)).toEqual([
    'reloading',
    'loaded',
    'proven',
    'reloading',
    'loaded',
    'proven',
  ])
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(['small']))
})

test.concurrent('starts a server that leaves old weights in place again, and draws nothing from them', async () => {
  expect(await run('tied.yaml')).toMatchObject({ code: 0 })
  expect(outcomeOf(place.at('tied.yaml-folder'))).toEqual(calm)
  expect(serversOf(handOversOf('tied.yaml')).size).toBe(3)
  const events = readFileSync(place.at('tied.yaml-folder/runs/small/events.jsonl'), 'utf8')
  expect(events).toContain('leaves old weights in place')
})

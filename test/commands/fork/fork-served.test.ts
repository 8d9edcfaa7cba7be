/** A fork of a run whose checkpoints are served: whatever the hand-over, its checkpoint is served again, under its own name, and proven. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRun } from '../../loop/database.ts'
import { createOwnLoop, ownLoopYaml, reloadYaml } from '../../loop/own-loop.ts'
import { makeProblems, type Workplace } from '../../loop/workplace.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'

const BUDGET = '{ policy: { kind: constant, initial: 12 }, iterations: 2 }'
const KINDS = ['external', 'restart', 'lora', 'reload', 'running'] as const
type Kind = (typeof KINDS)[number]

let place: Workplace
const servers: TestServer[] = []

beforeAll(async () => {
  place = createOwnLoop(60, 0.8)
  const own = await ownLoopYaml({ budget: BUDGET })
  const elsewhere = async (serve: string, train = ''): Promise<string> => {
    const server = await createTestServer({ modelNames: ['base'], skill: 0.8, problems: makeProblems(60) })
    servers.push(server)
    return own
      .replace(/^sample: .*$/m, `sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }] }`)
      .replace(/^serve: .*$/m, `serve: ${serve}`)
      .replace('train: { ', `train: { ${train}`)
  }
  const texts: Readonly<Record<Kind, string>> = {
    external: await elsewhere('external'),
    restart: own,
    lora: await elsewhere('lora', 'init: base, '),
    reload: reloadYaml(await ownLoopYaml({ budget: BUDGET })),
    running: await elsewhere('{ kind: reload }'),
  }
  for (const kind of KINDS) place.write(`${kind}.yaml`, texts[kind].replace('name: small', `name: ${kind}`))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  place.remove()
})

const namesOf = (name: string): unknown[] =>
  readRun(place.at('runs', name))
    .rows('select distinct name from hand_over order by id')
    .map((row) => row.name)

const ended = { code: 0, stderr: '' }

describe.concurrent.each(KINDS)('serve: %s', (kind) => {
  test('the fork runs to its end, and its run stays as it was', async () => {
    expect(await place.run(['run', `${kind}.yaml`, '--quiet'])).toMatchObject(ended)
    const before = place.status(kind)
    const fork = ['fork', kind, '--at', '1', '--name', `${kind}-fork`, '--set', 'train.lr=2.0e-6']
    expect(await place.run(fork)).toMatchObject({ code: 0 })
    const first = place.status(`${kind}-fork`).iterations[0]
    // It has been served by the run that it comes from, and not by this one.
    expect(first?.checkpoint?.weights).toBe('unproven')
    expect(await place.run(['run', `${kind}-fork`, '--quiet'])).toMatchObject(ended)
    const after = place.status(`${kind}-fork`)
    expect(after).toMatchObject({ state: 'done', iterations: [{ accepted: 12 }, { accepted: 12 }] })
    expect(after.iterations[0]?.checkpoint).toMatchObject({
      hash: before.iterations[0]?.checkpoint?.hash,
      // Engines of somebody else that hold what came later are given what training started from first: it shows what is in them.
      weights: kind === 'external' ? 'unproven' : 'proven',
    })
    expect(after.iterations[1]?.checkpoint?.weights).toBe(kind === 'external' ? 'unproven' : 'proven')
    expect(after.iterations[1]?.checkpoint?.hash).not.toBe(before.iterations[1]?.checkpoint?.hash)
    expect(place.status(kind)).toEqual(before)
    const shared = kind === 'running' || kind === 'external'
    if (!shared) expect(namesOf(`${kind}-fork`).filter((name) => namesOf(kind).includes(name))).toEqual([])
  })
})

/** What a served checkpoint says of itself is kept at the first look and compared at every later one. */

import { expect, test } from 'vitest'
import { ServerError } from '../../../src/core/errors.ts'
import { checkIdentity } from '../../../src/loop/serve/identity.ts'
import { serve, whileServed } from '../../../src/loop/serve/served.ts'
import { type Route, serveRoutes } from '../../sample/server/routes.ts'
import { type Script, scriptRun } from '../scripted-run.ts'

interface Says {
  root?: string | null
  model?: string
  text?: string | (() => string)
  isDown?: boolean
}

const route =
  (says: Says): Route =>
  ({ path }) => {
    if (says.isDown) return 503
    const text = typeof says.text === 'function' ? says.text() : (says.text ?? 'fine')
    return path === '/v1/models'
      ? { data: [{ id: 'served', root: says.root }] }
      : { model: says.model ?? 'served', choices: [{ message: { content: text } }] }
  }

async function stage(says: Says, script: Script = {}) {
  const { endpoint, asked } = await serveRoutes(route(says))
  const run = scriptRun({
    ...script,
    context: { handOver: { weightsBy: 'name', server: 'elsewhere', takesAdapters: false }, ...script.context },
  })
  const [first] = run.context.config.sample.endpoints
  Object.assign(run.context.config.sample, { endpoints: [{ ...first, baseURL: endpoint.baseURL }] })
  const look = (checkpoint = run.base) =>
    checkIdentity(run.context, checkpoint, { baseURL: endpoint.baseURL, model: 'served', proven: true })
  return { ...run, look, asked, canary: (id = run.base.id) => run.context.store.handOvers.canaryOf(id) }
}

test('the first look is written down, and its questions are counted', async () => {
  const { look, canary, context, asked, notes } = await stage({ root: '/models/a' })
  await look()
  expect(canary()).toMatchObject({ root: '/models/a', answered: 'served', repeats: true, changed: 'first' })
  expect(canary()?.texts).toEqual(['fine', 'fine', 'fine'])
  // One token, and three questions twice.
  expect(asked.filter(({ path }) => path.endsWith('/completions'))).toHaveLength(7)
  expect(context.store.endpoints.requests()).toBe(7)
  expect(notes()).toEqual([])
})

test('the same is let through with one question, another place or name is not', async () => {
  const says: Says = { root: '/models/a' }
  const { look, asked } = await stage(says)
  await look()
  asked.length = 0
  await look()
  expect(asked.filter(({ path }) => path.endsWith('/completions'))).toHaveLength(1)
  says.root = '/models/b'
  await expect(look()).rejects.toThrow(
    /it served \/models\/a for served, and now \/models\/b; bring the first one back/,
  )
  Object.assign(says, { root: '/models/a', model: 'other' })
  await expect(look()).rejects.toThrow(/it answered as served for served, and now other/)
})

test('a server that told nothing at first may tell something later, and the other way round', async () => {
  const says: Says = { root: null, model: '' }
  const { look, canary } = await stage(says)
  await look()
  expect(canary()).toMatchObject({ root: null, answered: null })
  Object.assign(says, { root: '/models/a', model: 'x' })
  await look()
  const other: Says = { root: '/models/a' }
  const told = await stage(other)
  await told.look()
  other.root = null
  await told.look()
})

test('the path that the server was given is the checkpoint, wherever that lies', async () => {
  const says: Says = { root: '/base' }
  const { look, canary } = await stage(says)
  await look()
  expect(canary()?.root).toBe('/base')
})

test('a server that stumbles tells nothing, and is no reason to end', async () => {
  const { look, canary } = await stage({ isDown: true })
  await look()
  expect(canary()).toMatchObject({ root: null, answered: null, texts: [], repeats: false, changed: 'first' })
})

test('another checkpoint that answers like the one before is told of; where answers do not repeat nobody knows', async () => {
  const says: Says = {}
  const { look, canary, made, notes } = await stage(says)
  const [first, second, third] = [made(0), made(1), made(2)]
  await look()
  await look(first)
  expect(canary(first.id)?.changed).toBe('no')
  expect(notes()).toEqual([
    expect.stringMatching(
      /^The canary prompts get the same answers as from the checkpoint before: .* served as served/,
    ),
  ])
  says.text = 'another'
  await look(second)
  expect(canary(second.id)?.changed).toBe('yes')
  let nth = 0
  says.text = () => `${nth++}`
  await look(third)
  expect(canary(third.id)).toMatchObject({ changed: 'unknown', repeats: false })
  expect(notes()).toHaveLength(1)
})

test('a server in this process is not looked at', async () => {
  const { look, asked, canary } = await stage(
    {},
    { context: { handOver: { weightsBy: 'name', server: 'in-process', takesAdapters: false } } },
  )
  await look()
  expect(asked).toEqual([])
  expect(canary()).toBeUndefined()
})

test('what was proven by serving is remembered', async () => {
  const { context, base } = await stage({})
  expect(await serve(context, base)).toEqual({ checkpoint: base, model: 'model--1', baseURL: 'http://127.0.0.1:1/v1' })
  expect(context.store.iterations.checkpoints()[0]?.proven).toBe(true)
})

/** Work that fails so many times with the server gone. */
async function dying(times: number, error: () => Error, script: Script['context'], says: Says = { isDown: true }) {
  const run = await stage(says, { context: { ...script } })
  let released = 0
  Object.assign(run.context.server, { release: async () => void released++ })
  let tries = 0
  const work = whileServed(run.context, run.base, async () => {
    if (tries++ < times) throw error()
  })
  const failure = await work.catch((one: Error) => one.message)
  return { failure, tries, released, served: run.served.length, notes: run.notes() }
}

const OURS = { handOver: { weightsBy: 'name', server: 'started', takesAdapters: false } } as const
const gone = () => new ServerError('nobody there.')

test('a server of our own that dies under the work is started again, twice', async () => {
  const twice = await dying(2, gone, OURS)
  expect(twice).toMatchObject({ failure: undefined, tries: 3, released: 2, served: 3 })
  expect(twice.notes).toEqual(Array(2).fill('The inference server has died and is started again. nobody there.'))
  expect(await dying(3, gone, OURS)).toMatchObject({ failure: 'nobody there.', tries: 3, released: 2 })
})

test('one that still answers, is somebody else’s, or did not fail is not', async () => {
  expect(await dying(1, gone, OURS, {})).toMatchObject({ failure: 'nobody there.', tries: 1, released: 0 })
  const elsewhere = { handOver: { weightsBy: 'name', server: 'elsewhere', takesAdapters: false } } as const
  expect(await dying(1, gone, elsewhere)).toMatchObject({ failure: 'nobody there.', tries: 1 })
  expect(await dying(1, () => new Error('broken'), OURS)).toMatchObject({ failure: 'broken', tries: 1 })
})

test('an engine that has been restarted without what was loaded into it is given it again', async () => {
  const running = { handOver: { weightsBy: 'name', server: 'running', takesAdapters: true } } as const
  // It lists another name than the one that is served.
  expect(await dying(1, gone, running, {})).toMatchObject({ failure: undefined, tries: 2, released: 1 })
})

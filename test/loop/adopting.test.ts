/** A checkpoint from outside is taken by the iteration that waits for one, and by no other. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { IterationState } from '../../src/core/status.ts'
import { adoptCheckpoint } from '../../src/loop/adopt-checkpoint.ts'
import { serveRoutes } from '../sample/server/routes.ts'
import { scriptRun } from './scripted-run.ts'

const NONE = 'train: none\nserve: external'

async function stage(state: IterationState, yaml = NONE) {
  const { endpoint, asked } = await serveRoutes(({ body }) =>
    body.model === 'mine' ? { model: 'mine', choices: [{ message: { content: 'x' } }] } : 404,
  )
  const run = scriptRun({ yaml })
  const { store, config, directory, signal } = run.context
  const [first] = config.sample.endpoints
  Object.assign(config.sample, { endpoints: [{ ...first, baseURL: endpoint.baseURL }] })
  run.begin(4)
  store.iterations.setState(0, state)
  const adopt = (given: string) => adoptCheckpoint(store, { config, directory, signal }, given)
  const made = () => store.iterations.checkpoints().filter(({ iteration }) => iteration === 0)
  return { ...run, adopt, made, asked, state: () => store.iterations.get(0)?.state, directory }
}

test('a name that is served becomes the checkpoint, and is served next', async () => {
  const { adopt, made, state, asked } = await stage('training')
  await adopt('mine')
  expect(made()).toMatchObject([{ attempt: 0, kind: 'name', path: 'mine', hash: 'name:mine', served: 'mine' }])
  expect(state()).toBe('serving')
  expect(asked).toHaveLength(1)
})

test('a folder that is there becomes it by its path, and nobody is asked', async () => {
  const { adopt, made, asked, directory } = await stage('training')
  const folder = join(directory, 'weights')
  mkdirSync(folder)
  await adopt(folder)
  expect(made()).toMatchObject([{ kind: 'full', path: 'weights', hash: `name:${folder}`, served: undefined }])
  expect(asked).toEqual([])
})

test('until it has been served another one may be given', async () => {
  const { adopt, made, state, directory } = await stage('training')
  await adopt('mine')
  const folder = join(directory, 'weights')
  mkdirSync(folder)
  await adopt(folder)
  expect(made()).toMatchObject([{ kind: 'full', path: 'weights' }])
  expect(state()).toBe('serving')
})

test('a name that nobody serves changes nothing', async () => {
  const { adopt, made, state } = await stage('training')
  await expect(adopt('misspelt')).rejects.toThrow(/404/)
  expect(made()).toEqual([])
  expect(state()).toBe('training')
})

test('what was trained here is only given the name that it is served under', async () => {
  const { adopt, made, made: rows, context } = await stage('serving', 'serve: { kind: external, wait: true }')
  context.store.iterations.addCheckpoint({
    iteration: 0,
    attempt: 0,
    kind: 'full',
    path: 'checkpoints/00',
    hash: 'sha256:x',
  })
  await adopt('mine')
  expect(made()).toMatchObject([{ kind: 'full', path: 'checkpoints/00', hash: 'sha256:x', served: 'mine' }])
  expect(rows()).toHaveLength(1)
})

test.each<IterationState>(['planned', 'sampling', 'evaluating', 'done'])(
  'an iteration that is %s waits for none',
  async (state) => {
    const { adopt } = await stage(state)
    await expect(adopt('mine')).rejects.toThrow(
      '--checkpoint mine: no iteration of this run waits for a checkpoint; run without it to resume.',
    )
  },
)

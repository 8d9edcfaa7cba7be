/** The hand-over where somebody else serves. */

import { expect, test } from 'vitest'
import { createExternalServer } from '../../src/serve/external.ts'

const NEVER = new AbortController().signal
const checkpoint = { iteration: 2, attempt: 0, kind: 'full', path: 'checkpoints/002', hash: 'sha256:2' } as const

test('the endpoint’s model is used as it stands, and nothing is claimed about its weights', async () => {
  const server = createExternalServer({ baseURL: 'http://127.0.0.1:8000/v1', model: 'theirs' })
  expect(await server.serve(checkpoint, NEVER)).toEqual({
    baseURL: 'http://127.0.0.1:8000/v1',
    model: 'theirs',
    proven: false,
  })
  await server.release()
})

test('a checkpoint that is served under a name of its own is asked for by that name', async () => {
  const server = createExternalServer({ baseURL: 'http://127.0.0.1:8000/v1', model: 'theirs' })
  expect(await server.serve({ ...checkpoint, served: 'mine' }, NEVER)).toMatchObject({ model: 'mine', proven: false })
})

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXIT, SpendwiseError } from '../../src/core/errors.ts'
import { fetchDataset } from '../../src/hub/fetch-dataset.ts'
import type { HubAccess } from '../../src/hub/hub-access.ts'
import { pushFolder } from '../../src/hub/push-folder.ts'
import { createHubServer, type HubServer } from '../server/hub-server.ts'

const PARQUET = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'text', data: ['a', 'b'], type: 'STRING' }] }))

let server: HubServer
let root: string
beforeEach(async () => {
  server = await createHubServer()
  root = mkdtempSync(join(tmpdir(), 'spendwise-push-'))
  mkdirSync(join(root, 'set/data'), { recursive: true })
  writeFileSync(join(root, 'set/README.md'), '---\nlicense: mit\n---\n# Traces\n')
  writeFileSync(join(root, 'set/data/train-00000.parquet'), PARQUET)
  writeFileSync(join(root, 'set/.hidden'), 'mine')
})
afterEach(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const access = (more: Partial<HubAccess> = {}): HubAccess => ({
  url: server.url,
  token: 'hf_writer',
  cache: join(root, 'cache'),
  offline: false,
  ...more,
})
const push = (more: Partial<HubAccess> = {}, repo = 'me/traces', folder = join(root, 'set')) =>
  pushFolder(folder, repo, access(more), { isPublic: false, message: 'Traces of a run', pauseMs: 1 })
async function refusal(run: Promise<unknown>): Promise<SpendwiseError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SpendwiseError)
  return error as SpendwiseError
}

test('a folder becomes a dataset in one commit, large files by their own way, and comes back byte for byte', async () => {
  const pushed = await push()
  expect(pushed).toMatchObject({ repo: 'me/traces', files: 2, isNew: true, url: `${server.url}/datasets/me/traces` })
  expect([...server.files('me/traces').keys()]).toEqual(['README.md', 'data/train-00000.parquet'])
  expect(server.requests.filter((request) => request.includes('/commit/'))).toHaveLength(1)
  expect(server.requests.some((request) => request.startsWith('PUT /store/'))).toBe(true)
  const back = await fetchDataset({ repo: 'me/traces' }, access())
  expect(back.commit).toBe(pushed.commit)
  expect(back.paths.map((path) => readFileSync(path))).toEqual([PARQUET])
})

test('a dataset that is there gets another commit, and keeps its other files', async () => {
  server.put('me/traces', { 'notes.md': 'older' })
  expect(await push()).toMatchObject({ isNew: false })
  expect([...server.files('me/traces').keys()].sort()).toEqual(['README.md', 'data/train-00000.parquet', 'notes.md'])
})

test.each<[string, Partial<HubAccess>, string, RegExp]>([
  ['no token', { token: undefined }, 'me/traces', /needs HF_TOKEN in the environment/],
  ['no owner', {}, 'traces', /has no owner; write OWNER\/NAME/],
  ['no name', {}, 'me/../x', /is no name of a dataset/],
  ['offline', { offline: true }, 'me/traces', /HF_HUB_OFFLINE is set/],
])('%s is said before anything is asked', async (_, more, repo, message) => {
  const error = await refusal(push(more, repo))
  expect(error.message).toMatch(message)
  expect(error.exitCode).toBe(EXIT.usage)
  expect(server.requests).toEqual([])
})

test('a push that fails on its way leaves the dataset as it was', async () => {
  server.put('me/traces', { 'notes.md': 'older' })
  server.fail(/lfs\/objects\/batch/, 500, 5)
  const error = await refusal(push())
  expect(error.message).toMatch(/me\/traces {2}cannot be pushed to: .* answered 500/)
  expect(error.exitCode).toBe(EXIT.unreachable)
  expect([...server.files('me/traces').keys()]).toEqual(['notes.md'])
})

test('a token that may not write, and a folder that is none, are said', async () => {
  server.fail(/repos\/create/, 403, 1)
  expect((await refusal(push())).message).toMatch(/refuses \(403\), and HF_TOKEN does not open it/)
  expect((await refusal(push({}, 'me/traces', join(root, 'gone')))).message).toMatch(/gone {2}is no folder/)
})

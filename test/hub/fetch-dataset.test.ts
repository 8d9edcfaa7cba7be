import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXIT, SpendwiseError } from '../../src/core/errors.ts'
import { type FetchOptions, fetchDataset, type HubSource } from '../../src/hub/fetch-dataset.ts'
import type { HubAccess } from '../../src/hub/hub-access.ts'
import { createHubServer, type HubServer } from '../server/hub-server.ts'

const rows = (...answers: number[]) =>
  answers.map((n) => `${JSON.stringify({ question: `${n}?`, answer: `#### ${n}` })}\n`).join('')
const parquet = (...answers: number[]): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'question', data: answers.map((n) => `${n}?`), type: 'STRING' },
        { name: 'answer', data: answers.map((n) => `so\n#### ${n}`), type: 'STRING' },
      ],
    }),
  )
const CARD = `---
license: mit
configs:
- config_name: main
  default: true
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: ["main/test-*"]
- config_name: socratic
  data_files:
  - split: train
    path: socratic/train-*
---
# GSM8K
`
const GSM8K = {
  'README.md': CARD,
  'main/train-00000-of-00002.parquet': parquet(1, 2),
  'main/train-00001-of-00002.parquet': parquet(3),
  'main/test-00000-of-00001.parquet': parquet(9),
  'socratic/train-00000-of-00001.parquet': parquet(7),
}

let server: HubServer
let root: string
beforeEach(async () => {
  server = await createHubServer({ pageSize: 2 })
  root = mkdtempSync(join(tmpdir(), 'spendwise-hub-'))
})
afterEach(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const accessTo = (more: Partial<HubAccess> = {}): HubAccess => ({
  url: server.url,
  token: undefined,
  cache: join(root, 'cache'),
  offline: false,
  ...more,
})
const fetched = (source: Partial<HubSource>, access: Partial<HubAccess> = {}, options: FetchOptions = {}) =>
  fetchDataset({ repo: 'open/math', ...source }, accessTo(access), { pauseMs: 1, ...options })
async function refusal(run: Promise<unknown>): Promise<{ message: string; exitCode: number }> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SpendwiseError)
  return error as SpendwiseError
}

describe('a dataset on the Hub', () => {
  test('is fetched once, pinned to its commit, and read without any request from then on', async () => {
    const commit = server.put('open/math', GSM8K)
    const first = await fetched({ split: 'train' })
    expect(first).toMatchObject({ commit, config: 'main', split: 'train' })
    expect(first.paths.map((path) => readFileSync(path))).toEqual([
      GSM8K['main/train-00000-of-00002.parquet'],
      GSM8K['main/train-00001-of-00002.parquet'],
    ])
    const asked = server.requests.length
    server.put('open/math', { 'data.jsonl': rows(5) })
    expect(await fetched({ split: 'train' })).toEqual({ ...first, fetchedBytes: 0 })
    await server.close()
    expect(await fetched({ split: 'train' }, { offline: true })).toEqual({ ...first, fetchedBytes: 0 })
    expect(server.requests.length).toBe(asked)
    const snapshot = join(root, 'cache/datasets--open--math/snapshots', commit)
    expect(first.paths[0]).toBe(join(snapshot, 'main/train-00000-of-00002.parquet'))
    expect(readdirSync(join(snapshot, 'main')).filter((name) => name.includes('incomplete'))).toEqual([])
  })

  test('stays at its commit until it is asked again, and an older commit can be named', async () => {
    const old = server.put('open/math', { 'train.jsonl': rows(1) })
    await fetched({})
    const recent = server.put('open/math', { 'train.jsonl': rows(1, 2) })
    expect((await fetched({})).commit).toBe(old)
    expect((await fetched({}, {}, { refresh: true })).commit).toBe(recent)
    const again = await fetched({ revision: old })
    expect(readFileSync(again.paths[0] ?? '', 'utf8')).toBe(rows(1))
  })

  test.each([
    [{ split: 'train' }, ['main/train-00000-of-00002.parquet', 'main/train-00001-of-00002.parquet']],
    [{ config: 'main', split: 'test' }, ['main/test-00000-of-00001.parquet']],
    [{ config: 'socratic' }, ['socratic/train-00000-of-00001.parquet']],
    [{ file: 'socratic/*.parquet' }, ['socratic/train-00000-of-00001.parquet']],
    [
      { file: '**/train-*' },
      [
        'main/train-00000-of-00002.parquet',
        'main/train-00001-of-00002.parquet',
        'socratic/train-00000-of-00001.parquet',
      ],
    ],
  ])('%j is found by its card', async (source, files) => {
    server.put('open/math', GSM8K)
    expect((await fetched(source)).files).toEqual(files)
  })

  test('without a card is told by the names of its files, one format of several', async () => {
    server.put('open/math', {
      'README.md': '# no head',
      'dataset_infos.json': '{}',
      'data/train.jsonl': rows(1),
      'data/train.csv': 'question,answer\n1?,1\n',
      'data/test.jsonl': rows(2),
    })
    expect((await fetched({ split: 'train' })).files).toEqual(['data/train.jsonl'])
    expect((await fetched({ split: 'test' })).files).toEqual(['data/test.jsonl'])
  })

  test.each([
    [{}, /hub:open\/math {2}has the splits train, test; say which with split\.$/],
    [{ split: 'dev' }, /has no split dev, but the splits train, test/],
    [{ config: 'extra' }, /has no config extra, but the configs main, socratic/],
    [{ file: '*.csv' }, /has no data file \*\.csv; it has main\/test-/],
    [{ revision: 'v9' }, /has no such dataset, revision or file/],
    [{ repo: 'open/gone' }, /hub:open\/gone {2}cannot be fetched: .* has no such dataset/],
    [{ repo: '../etc' }, /is no name of a dataset/],
    [{ revision: '../../x' }, /is no path within a dataset/],
    [{ file: '*a*b*c*d*e*f' }, /is not a file pattern/],
    [{ file: '[z-a]' }, /has no data file \[z-a\]; it has/],
  ])('%j is refused in one sentence', async (source, message) => {
    server.put('open/math', GSM8K)
    const error = await refusal(fetched(source))
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
    expect(error.exitCode).toBe(EXIT.usage)
  })

  test('that the Hub is busy with is asked for again', async () => {
    server.put('open/math', { 'train.jsonl': rows(1) })
    server.fail(/revision/, 503, 2)
    server.fail(/resolve/, 429, 1)
    expect((await fetched({})).files).toEqual(['train.jsonl'])
    server.put('open/math', { 'train.jsonl': rows(2) })
    server.fail(/revision/, 503, 3)
    const error = await refusal(fetched({}, {}, { refresh: true }))
    expect(error.message).toMatch(/answered 503 .*try again later/)
    expect(error.exitCode).toBe(EXIT.unreachable)
  })

  test('whose bytes are not what was promised is not kept', async () => {
    const content = parquet(1)
    server.put('open/math', { 'train.jsonl': rows(1), 'large/train.parquet': content })
    server.corrupt('train.jsonl', Buffer.from(rows(2)))
    expect((await refusal(fetched({ file: 'train.jsonl' }))).message).toMatch(/other content; try again/)
    const { createHash } = await import('node:crypto')
    server.corrupt(createHash('sha256').update(content).digest('hex'), content.subarray(0, 40))
    expect((await refusal(fetched({ file: 'large/*' }))).message).toMatch(/try again/)
    const snapshots = join(root, 'cache/datasets--open--math/snapshots')
    const kept = existsSync(snapshots) ? readdirSync(snapshots, { recursive: true, encoding: 'utf8' }) : []
    expect(kept.filter((name) => /jsonl|parquet/.test(name))).toEqual([])
  })

  test('that is too large is refused before it is fetched', async () => {
    server.put('open/math', { 'train.jsonl': rows(...Array.from({ length: 100 }, (_, n) => n)) })
    const error = await refusal(fetched({}, {}, { mostBytes: 1000 }))
    expect(error.message).toMatch(/train\.jsonl has 0 MB, above the 0 MB that are read/)
    expect(server.requests.filter((path) => path.includes('resolve'))).toEqual([])
  })

  test('that is private wants the token of the environment, which stands in no message', async () => {
    await server.close()
    server = await createHubServer({ token: 'hf_secret' })
    server.put('open/math', { 'train.jsonl': rows(1) })
    expect((await refusal(fetched({}))).message).toMatch(/refuses \(401\), and HF_TOKEN is not set/)
    const wrong = await refusal(fetched({}, { token: 'hf_wrong' }))
    expect(wrong.message).toMatch(/HF_TOKEN does not open it/)
    expect(wrong.message).not.toContain('hf_wrong')
    expect((await fetched({}, { token: 'hf_secret' })).files).toEqual(['train.jsonl'])
  })

  test('that nobody may ask for, or that no server answers for, is said with what to do', async () => {
    expect((await refusal(fetched({}, { offline: true }))).message).toMatch(
      /has not been fetched yet, and HF_HUB_OFFLINE/,
    )
    expect((await refusal(fetched({}, {}, { cachedOnly: true }))).message).toMatch(
      /has not been fetched yet; spendwise/,
    )
    expect(server.requests).toEqual([])
    await server.close()
    const error = await refusal(fetched({}))
    expect(error.message).toMatch(/cannot be reached \(ECONNREFUSED\)/)
    expect(error.exitCode).toBe(EXIT.unreachable)
  })
})

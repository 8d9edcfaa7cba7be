import { fileURLToPath } from 'node:url'
import { parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { readParquet } from '../../src/problems/files/parquet.ts'
import { folderWith } from './files.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const WANTED = { fields: ['prompt.0.content', 'reward_model.ground_truth', 'tags'], distinct: 'prompt.0.content' }

// Forty rows, five times over, in groups of seventy and pages of a few rows, as pyarrow writes them.
describe.each(['repeated-lz4.parquet', 'repeated-zstd.parquet'])('%s', (name) => {
  test('is read whole', () => {
    const rows = readParquet(fixture(name))
    expect(rows).toHaveLength(200)
    expect(rows[43]?.value).toMatchObject({
      prompt: [{ content: 'Question 3 of this set, long enough?', role: 'user' }, { content: 'tail' }],
      reward_model: { ground_truth: '3' },
      tags: ['a', 'b'],
    })
  })

  test('the first rows of each text are the same as of the whole, with what is wanted of them', () => {
    const whole = readParquet(fixture(name))
    const rows = readParquet(fixture(name), WANTED)
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, number) => number))
    expect(rows.map(({ place }) => place)).toEqual(whole.slice(0, 40).map(({ place }) => place))
    for (const [number, { value }] of rows.entries()) {
      const { tags, reward_model: model } = whole[number]?.value ?? {}
      expect(value).toMatchObject({
        prompt: [{ content: `Question ${number} of this set, long enough?` }, { content: 'tail' }],
        reward_model: { ground_truth: (model as { ground_truth: string }).ground_truth },
        tags,
      })
    }
  })
})

test('a field that no column has gives all rows, whose reader then says what is missing', () => {
  expect(readParquet(fixture('repeated-lz4.parquet'), { fields: ['question'], distinct: 'question' })).toHaveLength(200)
})

test('an empty file has no problems', () => {
  const path = `${folderWith({})}/empty.parquet`
  parquetWriteFile({ filename: path, columnData: [{ name: 'question', data: [], type: 'STRING' }] })
  expect(() => readParquet(path)).toThrow(/empty\.parquet {2}holds no problems/)
})

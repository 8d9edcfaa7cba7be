/** What other trainers are told of a dataset: only where they read it, and in their own words. */

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type FileKind, PLAIN } from '../../src/export/dataset-file.ts'
import { EXPORT_FORMATS, formatOf } from '../../src/export/formats.ts'
import { axolotlSnippet, llamaFactoryInfo } from '../../src/export/trainers.ts'

const PARQUET: FileKind = { container: 'parquet', compression: 'zstd' }
const GZIP: FileKind = { container: 'jsonl', compression: 'gzip' }

interface Info {
  readonly file_name: string
  readonly formatting: string
  readonly ranking?: boolean
  readonly columns: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
}

function info(format: (typeof EXPORT_FORMATS)[number], kind = PLAIN): Info | undefined {
  const told = llamaFactoryInfo('eggs', format, kind, 'data') as Record<string, Info> | undefined
  return told?.eggs
}

describe('LLaMA-Factory', () => {
  test('is told of the formats that it reads, by the name of the dataset, and where the files lie', () => {
    const read = EXPORT_FORMATS.filter((format) => info(format))
    expect(read).toEqual(['messages', 'sharegpt', 'alpaca', 'text', 'sharegpt-dpo', 'sharegpt-kto'])
    for (const format of read) {
      expect(Object.keys(llamaFactoryInfo('eggs', format, PLAIN, 'data') ?? {})).toEqual(['eggs'])
      expect(info(format)?.file_name).toBe('data')
    }
  })

  test('is told of columns that the format has', () => {
    for (const format of EXPORT_FORMATS) {
      const { columns = {} } = info(format) ?? {}
      for (const column of Object.values(columns)) expect(Object.keys(formatOf(format).columns)).toContain(column)
    }
  })

  test('knows the speakers of each format, and which one is a ranking', () => {
    expect(info('messages')).toMatchObject({ formatting: 'sharegpt', tags: { role_tag: 'role', user_tag: 'user' } })
    for (const format of ['sharegpt', 'sharegpt-dpo', 'sharegpt-kto'] as const) {
      expect(info(format)).toMatchObject({
        formatting: 'sharegpt',
        tags: { role_tag: 'from', content_tag: 'value', user_tag: 'human', assistant_tag: 'gpt' },
      })
    }
    expect(EXPORT_FORMATS.filter((format) => info(format)?.ranking === true)).toEqual(['sharegpt-dpo'])
    expect([info('alpaca')?.formatting, info('text')?.formatting]).toEqual(['alpaca', 'alpaca'])
  })

  test('reads Parquet whatever its compression, and JSON lines only as they are', () => {
    expect(info('messages', PARQUET)).toEqual(info('messages'))
    expect(info('messages', GZIP)).toBeUndefined()
    expect(info('dpo', PARQUET)).toBeUndefined()
  })
})

describe('axolotl', () => {
  const entry = (format: (typeof EXPORT_FORMATS)[number]) => {
    const text = axolotlSnippet(format, 'set')
    return text === undefined ? undefined : parse(text)
  }

  test('is told of the formats that it reads, as a part of its config', () => {
    expect(EXPORT_FORMATS.filter((format) => entry(format))).toEqual(['messages', 'sharegpt', 'alpaca', 'text', 'dpo'])
    expect(entry('messages')).toEqual({
      datasets: [{ path: './set', split: 'train', type: 'chat_template', field_messages: 'messages' }],
    })
    expect(entry('sharegpt').datasets[0]).toEqual({
      path: './set',
      split: 'train',
      type: 'chat_template',
      field_messages: 'conversations',
      message_property_mappings: { role: 'from', content: 'value' },
    })
    expect(entry('alpaca').datasets[0]).toEqual({ path: './set', split: 'train', type: 'alpaca' })
    expect(entry('text').datasets[0]).toEqual({ path: './set', split: 'train', type: 'completion', field: 'text' })
  })

  test('is told that preferences are trained on by DPO', () => {
    expect(entry('dpo')).toEqual({
      rl: 'dpo',
      datasets: [
        {
          path: './set',
          split: 'train',
          type: 'chat_template.default',
          field_messages: 'prompt',
          field_chosen: 'chosen',
          field_rejected: 'rejected',
        },
      ],
    })
    for (const format of ['messages', 'text'] as const) expect(Object.keys(entry(format))).toEqual(['datasets'])
    expect(axolotlSnippet('dpo', 'set')).toMatch(/^rl: dpo\ndatasets:\n.*\n$/s)
  })
})

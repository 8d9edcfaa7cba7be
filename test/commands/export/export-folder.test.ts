/** What a dataset folder holds: shards, hashes, a card, and what trainers want to be told. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportFile } from '../../../src/commands/export/file.ts'
import { exportFolder } from '../../../src/commands/export/folder.ts'
import { ConfigError } from '../../../src/core/errors.ts'
import { PLAIN } from '../../../src/export/dataset-file.ts'
import type { FoundRun } from '../../../src/run/find-run.ts'
import { asked, writeTriedRun } from './tried-run.ts'

let folder = ''
let found: FoundRun

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-export-'))
  found = writeTriedRun(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function folderOptions(out: string, more: object = {}) {
  return { out, kind: PLAIN, shardRows: undefined, name: undefined, licence: undefined, ...more }
}

test('a dataset folder holds its data in shards, hashed, a card, and what trainers want to be told', () => {
  const out = join(folder, 'dataset')
  const written = exportFolder(found, asked('messages'), folderOptions(out, { shardRows: 20, name: 'eggs' }))
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
  expect(manifest).toMatchObject({ name: 'eggs', run: 'tried', format: 'messages', rows: written.rows, filters: {} })
  expect(manifest.files.map(({ rows }: { rows: number }) => rows).slice(0, 2)).toEqual([20, 20])
  let text = ''
  for (const { name, sha256, bytes } of manifest.files) {
    const content = readFileSync(join(out, name))
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    expect(content.length).toBe(bytes)
    text += content.toString('utf8')
  }
  exportFile(found, asked('messages'), join(folder, 'one.jsonl'), PLAIN)
  expect(text).toBe(readFileSync(join(folder, 'one.jsonl'), 'utf8'))
  const traces = manifest.checkpoints.map((one: { traces: number }) => one.traces)
  expect(traces.reduce((sum: number, n: number) => sum + n, 0)).toBe(written.rows)
  expect(manifest.summary.checkers).toEqual({ 'tried/1': written.rows })
  const card = readFileSync(join(out, 'README.md'), 'utf8')
  expect(card).toMatch(/^---\npretty_name: "eggs"\nlicense: \w+\n[\s\S]*path: "data\/\*\.jsonl"\n---\n/)
  expect(card).toContain('MIT, (c) 2021 OpenAI')
  for (const [, file = ''] of card.matchAll(/\]\(([^)]+)\)/g)) expect(existsSync(join(out, file))).toBe(true)
  expect(JSON.parse(readFileSync(join(out, 'dataset_info.json'), 'utf8'))).toMatchObject({
    eggs: { file_name: 'data' },
  })
  expect(readFileSync(join(out, 'lengths.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

test('equal runs and options give an equal folder, which takes the place of the one before', () => {
  const out = join(folder, 'again')
  const content = () =>
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')])
      .sort()
  exportFolder(found, asked('dpo'), folderOptions(out, { shardRows: 2 }))
  exportFolder(found, asked('alpaca'), folderOptions(out))
  const first = content()
  exportFolder(found, asked('alpaca'), folderOptions(out))
  expect(content()).toEqual(first)
  expect(readdirSync(join(out, 'data'))).toEqual(['train.jsonl'])
  expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([])
})

test('a folder that is no dataset is never replaced, and a test set that cannot be read leaves nothing behind', () => {
  const mine = join(folder, 'mine')
  mkdirSync(mine)
  writeFileSync(join(mine, 'thesis.txt'), 'years of work')
  expect(() => exportFolder(found, asked('messages'), folderOptions(mine))).toThrow(ConfigError)
  expect(readdirSync(mine)).toEqual(['thesis.txt'])
  const request = { ...asked('messages'), testSets: [{ kind: 'table', file: 'nowhere.jsonl' } as const] }
  expect(() => exportFolder(found, request, folderOptions(join(folder, 'new')))).toThrow(/there is no such file; give/)
  expect(existsSync(join(folder, 'new'))).toBe(false)
})

/** Weights that have a name only are known by their files, and by what was heard of them when they were served. */

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { weightsEvidence } from '../../../src/loop/sample/weights.ts'
import { scriptRun } from '../scripted-run.ts'

const IDENTITY = 'name:local'

function stage() {
  const { context } = scriptRun()
  const { store, directory } = context
  const folder = join(directory, 'weights')
  mkdirSync(join(folder, 'below'), { recursive: true })
  writeFileSync(join(folder, 'config.json'), '{}')
  writeFileSync(join(folder, 'model.safetensors'), Buffer.alloc(1_000_000, 'weights of some kind '))
  const row = store.iterations.addCheckpoint({
    iteration: 0,
    attempt: 0,
    kind: 'full',
    path: 'weights',
    hash: IDENTITY,
  })
  const look = (texts: readonly string[], repeats: boolean, root: string | null = null) =>
    store.handOvers.addCanary({ checkpoint: row.id, root, answered: null, texts, repeats, changed: 'first' })
  /** As a process sees it that begins now. */
  const evidence = () => weightsEvidence(store, directory)(IDENTITY)
  return { store, folder, look, evidence, directory }
}

test('a file that is changed, renamed, longer or new is seen; a folder below is not looked at', () => {
  const { folder, evidence } = stage()
  const before = evidence()
  expect(before).toHaveLength(1)
  expect(before[0]).toMatch(/^[0-9a-f]{64}$/)
  writeFileSync(join(folder, 'below', 'state.bin'), 'optimizer')
  expect(evidence()).toEqual(before)
  writeFileSync(join(folder, 'config.json'), '[]')
  const changed = evidence()
  expect(changed).not.toEqual(before)
  writeFileSync(join(folder, 'config.json'), '{}')
  expect(evidence()).toEqual(before)
  appendFileSync(join(folder, 'model.safetensors'), 'more')
  expect(evidence()).not.toEqual(before)
  writeFileSync(join(folder, 'zz.txt'), 'new')
  expect(new Set([before[0], changed[0], evidence()[0]]).size).toBe(3)
})

test('the end of a large file is looked at as well as its beginning', () => {
  const { folder, evidence } = stage()
  const write = (at: number): string | undefined => {
    const bytes = Buffer.alloc(2_000_000, 1)
    bytes.fill(2, at, at + 40_000)
    writeFileSync(join(folder, 'model.safetensors'), bytes)
    return evidence()[0]
  }
  expect(new Set([0, 700_000, 1_300_000, 1_950_000].map(write)).size).toBe(4)
})

test('a name that is served elsewhere has no files, and weights that nobody knows no evidence', () => {
  const { store, directory, evidence } = stage()
  store.iterations.addCheckpoint({ iteration: 1, attempt: 0, kind: 'name', path: 'weights', hash: 'name:elsewhere' })
  store.iterations.addCheckpoint({ iteration: 2, attempt: 0, kind: 'full', path: 'gone', hash: 'name:gone' })
  store.iterations.addCheckpoint({
    iteration: 3,
    attempt: 0,
    kind: 'full',
    path: 'weights/config.json',
    hash: 'name:file',
  })
  const of = weightsEvidence(store, directory)
  expect(of('name:elsewhere')).toEqual([])
  expect(of('name:gone')).toEqual([])
  expect(of('name:file')).toEqual([])
  expect(of('name:nobody')).toEqual([])
  expect(evidence()).toHaveLength(1)
})

test('what the server told of its place and its greedy answers count, the latter where they repeat', () => {
  const { evidence, look } = stage()
  const [files] = evidence()
  look(['one', 'two'], false, '/models/a')
  expect(evidence()).toEqual([files, '/models/a'])
  look(['one', 'two'], true)
  expect(evidence()).toEqual([files, '', 'one', 'two'])
})

test('within a process it is looked at once, but not before there is all of it', () => {
  const { store, directory, folder, look } = stage()
  const of = weightsEvidence(store, directory)
  const before = of(IDENTITY)
  writeFileSync(join(folder, 'config.json'), '[]')
  expect(of(IDENTITY)).not.toEqual(before)
  look(['one'], true)
  const served = of(IDENTITY)
  writeFileSync(join(folder, 'config.json'), '{}')
  expect(of(IDENTITY)).toEqual(served)
})

test('the same files are the same weights, in whatever order they were written', () => {
  const names = ['a.json', 'b.json', 'c.json', 'd.json']
  const written = [names, names.toReversed()].map((order) => {
    const { folder, evidence } = stage()
    for (const name of order) writeFileSync(join(folder, name), name)
    return evidence()
  })
  expect(written[0]).toEqual(written[1])
})

/** The cache's file: what was put in comes out, it stays within its bound, and its trouble stops nobody. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CachedCompletion, openCache } from '../../src/store/cache.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-cache-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const completion = (text: string): CachedCompletion => ({
  text,
  finishReason: 'stop',
  promptTokens: 3,
  completionTokens: 5,
  model: 'base',
  completionTokenIds: [1, 2],
})

function open(name: string, maxBytes = 1e6) {
  const troubles: string[] = []
  return { cache: openCache(join(folder, name), { maxBytes, onTrouble: (text) => troubles.push(text) }), troubles }
}

test('what was put in comes out, before it is written and after it is opened again', () => {
  const { cache } = open('kept.sqlite')
  cache.add('a', completion('one'))
  cache.add('a', completion('two'))
  expect(cache.find('a')).toEqual(completion('two'))
  cache.close()
  const { cache: next, troubles } = open('kept.sqlite')
  expect(next.find('a')).toEqual(completion('two'))
  expect(next.find('b')).toBeUndefined()
  next.close()
  expect(troubles).toEqual([])
})

test('the least recently used go first, and the file stays within the bound', async () => {
  const text = 'x'.repeat(1000)
  for (let round = 0; round < 6; round++) {
    const { cache } = open('small.sqlite', 100_000)
    // One is looked at in every round; the others are never.
    if (round > 0) expect(cache.find('favourite')).toBeDefined()
    else cache.add('favourite', completion(text))
    cache.close()
    await new Promise((resolve) => setTimeout(resolve, 5))
    const { cache: filling } = open('small.sqlite', 100_000)
    for (let i = 0; i < 60; i++) filling.add(`${round}/${i}`, completion(text))
    filling.close()
  }
  const { cache } = open('small.sqlite', 100_000)
  expect(cache.find('favourite')).toBeDefined()
  expect(cache.find('0/0')).toBeUndefined()
  expect(cache.find('5/59')).toBeDefined()
  cache.close()
  expect(statSync(join(folder, 'small.sqlite')).size).toBeLessThan(250_000)
})

test('two processes may use it at once', () => {
  const [one, two] = [open('shared.sqlite'), open('shared.sqlite')]
  for (let i = 0; i < 300; i++) {
    one.cache.add(`one/${i}`, completion('one'))
    two.cache.add(`two/${i}`, completion('two'))
  }
  one.cache.close()
  two.cache.close()
  const { cache } = open('shared.sqlite')
  expect([cache.find('one/299'), cache.find('two/0')]).toEqual([completion('one'), completion('two')])
  cache.close()
  expect([...one.troubles, ...two.troubles]).toEqual([])
})

test('a file that is no database is said once, and then there is no cache', () => {
  writeFileSync(join(folder, 'broken.sqlite'), 'this is no database, however long it may be'.repeat(100))
  const { cache, troubles } = open('broken.sqlite')
  cache.add('a', completion('one'))
  expect(cache.find('a')).toBeUndefined()
  cache.close()
  expect(troubles).toHaveLength(1)
  expect(troubles[0]).toMatch(/broken\.sqlite cannot be used as a cache .*it may be deleted/)
})

/** The lock on a run folder, between real processes. */

import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { StoreError } from '../../src/core/errors.ts'
import { acquireLock, isLocked } from '../../src/store/lock.ts'
import { LOCK_FILE } from '../../src/store/place/place.ts'
import { type Program, startProgram } from '../fixtures/program.ts'
import { temporaryFolder } from './hand-made-run.ts'

function lockPath(): string {
  return join(temporaryFolder(), LOCK_FILE)
}

async function holder(path: string): Promise<Program> {
  const program = startProgram('lock-holder', [path])
  expect(await program.line()).toBe('locked')
  return program
}

describe('a lock held by another process', () => {
  test('is refused with a sentence and exit code 2', async () => {
    const path = lockPath()
    await holder(path)
    try {
      acquireLock(path)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({
        message: `Another process is running in this folder (${path} is locked); wait for it or stop it, then run again.`,
        exitCode: 2,
      })
    }
    const second = startProgram('lock-holder', [path])
    expect(await second.exit).toBe(2)
  })

  test('is free when its holder is killed', async () => {
    const path = lockPath()
    const program = await holder(path)
    program.child.kill('SIGKILL')
    await program.exit
    expect(isLocked(path)).toBe(false)
    acquireLock(path).release()
  })

  test('is free when its holder lets it go', async () => {
    const path = lockPath()
    const program = await holder(path)
    program.child.stdin?.end()
    expect(await program.exit).toBe(0)
    acquireLock(path).release()
  })

  test('can be looked at again and again, without waiting and without disturbing the holder', async () => {
    const path = lockPath()
    const program = await holder(path)
    const files = readdirSync(join(path, '..'))
    for (let i = 0; i < 500; i++) expect(isLocked(path)).toBe(true)
    expect(readdirSync(join(path, '..'))).toEqual(files)
    expect(program.child.exitCode).toBeNull()
    program.child.stdin?.end()
    expect(await program.exit).toBe(0)
    expect(isLocked(path)).toBe(false)
  })
})

test('whoever takes the lock is not turned away by those who only look', async () => {
  const path = lockPath()
  acquireLock(path).release()
  const holders = Array.from({ length: 3 }, () => startProgram('lock-holder', [path]))
  const words = Promise.all(holders.map((program) => program.line()))
  let looks = 0
  const looking = setInterval(() => {
    for (let i = 0; i < 50; i++) isLocked(path)
    looks++
  }, 1)
  expect((await words).filter((word) => word === 'locked')).toHaveLength(1)
  clearInterval(looking)
  expect(looks).toBeGreaterThan(0)
})

test('of several at once exactly one gets it', async () => {
  const path = lockPath()
  const holders = Array.from({ length: 4 }, () => startProgram('lock-holder', [path]))
  const words = await Promise.all(holders.map((program) => program.line()))
  expect(words.filter((word) => word === 'locked')).toHaveLength(1)
  expect(words.filter((word) => word?.startsWith('Another process is running'))).toHaveLength(3)
})

test('a folder without a lock is not locked, and looking makes none', () => {
  const path = lockPath()
  expect(isLocked(path)).toBe(false)
  expect(existsSync(path)).toBe(false)
})

test('it can be taken and let go again and again by the same process', () => {
  const path = lockPath()
  for (let i = 0; i < 20; i++) {
    const lock = acquireLock(path)
    expect(isLocked(path)).toBe(true)
    lock.release()
    expect(isLocked(path)).toBe(false)
  }
})

describe('what cannot be locked is said in a sentence', () => {
  test('a folder that is not there', () => {
    expect(() => acquireLock(join(temporaryFolder(), 'nowhere', LOCK_FILE))).toThrow(StoreError)
  })

  test('a file that is no lock', () => {
    const path = lockPath()
    writeFileSync(path, 'not a lock, but as long as a header of a database would be\n'.repeat(40))
    expect(() => acquireLock(path)).toThrow(StoreError)
    expect(() => isLocked(path)).toThrow(StoreError)
  })

  test('a folder in the place of the lock', () => {
    const folder = temporaryFolder()
    expect(() => acquireLock(folder)).toThrow(StoreError)
    expect(() => isLocked(folder)).toThrow(StoreError)
  })

  test('a folder that cannot be written', ({ skip }) => {
    if (process.getuid?.() === 0) skip('the superuser may write everywhere')
    const path = lockPath()
    chmodSync(join(path, '..'), 0o500)
    expect(() => acquireLock(path)).toThrow(StoreError)
    chmodSync(join(path, '..'), 0o700)
  })
})

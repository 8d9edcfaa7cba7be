/** Owned processes, with real children and grandchildren. */

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findOwned, isAlive, spawnOwned } from '../../src/process/owned.ts'
import { stopStarted } from '../../src/process/stop.ts'
import { startProgram } from '../fixtures/program.ts'
import { childIn, folder, SLEEP, start, withChild } from './starting.ts'

const onLinux = process.platform === 'linux'

describe('a started process', () => {
  test('runs in its folder, with its environment, and writes both outputs to the end of its log', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'log'), 'before\n')
    const script = 'console.log(process.cwd(), process.env.GREETING); console.error("to stderr")'
    const { owned, log } = await start(script, { cwd, env: { GREETING: 'hello' } })
    expect(await owned.exit).toEqual({ kind: 'code', code: 0 })
    const text = readFileSync(log, 'utf8')
    expect(text.startsWith('before\n')).toBe(true)
    expect(text).toContain(`${cwd} hello\n`)
    expect(text).toContain('to stderr\n')
  })

  test.each([
    ['a code', 'process.exit(75)', { kind: 'code', code: 75 }],
    ['a signal', 'process.kill(process.pid, "SIGKILL")', { kind: 'signal', signal: 'SIGKILL' }],
  ])('tells that it ended with %s', async (_, script, exit) => {
    const { owned } = await start(script)
    expect(await owned.exit).toEqual(exit)
    expect(isAlive(owned.identity)).toBe(false)
  })

  test.each([
    ['is not there', ['/nowhere/program'], 'ENOENT'],
    ['may not be run', [join(import.meta.dirname, 'owned.test.ts')], 'EACCES'],
  ])('that %s is an error with its code', async (_, argv, code) => {
    const cwd = folder()
    const options = { argv, cwd, env: {}, log: join(cwd, 'log'), marker: 'none' }
    await expect(spawnOwned(options)).rejects.toMatchObject({ code })
  })

  test('needs a program', async () => {
    const cwd = folder()
    await expect(spawnOwned({ argv: [], cwd, env: {}, log: join(cwd, 'log'), marker: 'none' })).rejects.toThrow(
      TypeError,
    )
  })
})

describe('being alive', () => {
  test('is said of the process itself only', async () => {
    const { owned } = await start(SLEEP)
    expect(isAlive(owned.identity)).toBe(true)
    await stopStarted({ identity: owned.identity }, 10_000)
    expect(isAlive(owned.identity)).toBe(false)
  })

  test('is not said of a stranger with the same id, and the stranger is not stopped', async () => {
    const { owned, says } = await start(SLEEP)
    await says('up')
    const recycled = { pid: owned.identity.pid, startTime: 'another time' }
    expect(isAlive(recycled)).toBe(false)
    await stopStarted({ identity: recycled }, 0)
    expect(isAlive(owned.identity)).toBe(true)
  })
})

describe.skipIf(!onLinux)('finding by marker (Linux only)', () => {
  test('gives the very process that was started, and nothing when it has ended', async () => {
    const { owned, marker } = await start(SLEEP)
    expect(findOwned(marker)).toEqual(owned.identity)
    await stopStarted({ identity: owned.identity }, 10_000)
    expect(findOwned(marker)).toBeUndefined()
  })

  test('gives the leader, not its children, which inherit the marker', async () => {
    const { owned, marker, says } = await start(withChild(SLEEP, SLEEP))
    const grandchild = childIn(await says('up\nup'))
    expect(readFileSync(`/proc/${grandchild}/environ`, 'utf8')).toContain(marker)
    expect(findOwned(marker)).toEqual(owned.identity)
  })

  test('needs the whole marker', async () => {
    const { marker } = await start(SLEEP)
    expect(findOwned(marker.slice(0, -1))).toBeUndefined()
    expect(findOwned(`${marker}0`)).toBeUndefined()
    expect(findOwned('')).toBeUndefined()
  })

  test('finds what a killed process had started', async () => {
    const cwd = folder()
    const marker = `/runs/orphan-${process.pid}`
    const owner = startProgram('process-owner', [marker, join(cwd, 'log')])
    const told = JSON.parse((await owner.line()) ?? '')
    owner.child.kill('SIGKILL')
    await owner.exit
    const found = findOwned(marker)
    expect(found).toEqual(told)
    if (!found) return
    onTestFinished(() => stopStarted({ identity: found }, 0))
    expect(isAlive(found)).toBe(true)
    await stopStarted({ identity: found }, 10_000)
    expect(isAlive(found)).toBe(false)
    expect(findOwned(marker)).toBeUndefined()
  })
})

test('the log of one process is not the log of another: each has the file it was given', async () => {
  const cwd = folder()
  mkdirSync(join(cwd, 'other'))
  const [one, two] = await Promise.all([
    start('console.log("one")', { cwd }),
    start('console.log("two")', { cwd: join(cwd, 'other') }),
  ])
  await Promise.all([one.owned.exit, two.owned.exit])
  appendFileSync(one.log, 'ours\n')
  expect(readFileSync(one.log, 'utf8')).toBe('one\nours\n')
  expect(readFileSync(two.log, 'utf8')).toBe('two\n')
})

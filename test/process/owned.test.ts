/** Owned processes, with real children and grandchildren. */

import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { findOwned, isAlive, type OwnedProcess, spawnOwned, stopOwned } from '../../src/process/owned.ts'
import { startProgram } from '../fixtures/program.ts'

const onLinux = process.platform === 'linux'
const WAIT = { timeout: 30_000, interval: 20 }

const SLEEP = 'setInterval(() => {}, 1000); console.log("up")'
const IGNORE_TERM = `process.on("SIGTERM", () => console.log("no")); ${SLEEP}`

let markers = 0

interface Started {
  readonly owned: OwnedProcess
  readonly marker: string
  readonly log: string
  /** Waits until the log holds all of these words. */
  says(...words: readonly string[]): Promise<string>
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spendwise-process-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Starts a Node program given as text; its group is killed with the test. */
async function start(script: string, options: { env?: Record<string, string>; cwd?: string } = {}): Promise<Started> {
  const cwd = options.cwd ?? folder()
  const log = join(cwd, 'log')
  const marker = `/runs/test-${process.pid}#${markers++}`
  const owned = await spawnOwned({ argv: [process.execPath, '-e', script], cwd, env: options.env ?? {}, log, marker })
  onTestFinished(() => stopOwned(owned.identity, 0))
  const says = (...words: readonly string[]): Promise<string> =>
    vi.waitFor(() => {
      const text = readFileSync(log, 'utf8')
      for (const word of words) expect(text).toContain(word)
      return text
    }, WAIT)
  return { owned, marker, log, says }
}

/** A program that starts another one and tells its id. */
function withChild(own: string, child: string): string {
  const spawn = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" })`
  return `const child = ${spawn}; console.log("child=" + child.pid + "."); ${own}`
}

function childIn(text: string): number {
  return Number(/child=(\d+)\./.exec(text)?.[1])
}

/** Whether a process runs; one that has ended and that nobody has collected does not. */
function isRunning(pid: number): boolean {
  if (!onLinux) return isSignalled(pid)
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))
}

function isSignalled(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

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
    await stopOwned(owned.identity, 10_000)
    expect(isAlive(owned.identity)).toBe(false)
  })

  test('is not said of a stranger with the same id, and the stranger is not stopped', async () => {
    const { owned, says } = await start(SLEEP)
    await says('up')
    const recycled = { pid: owned.identity.pid, startTime: 'another time' }
    expect(isAlive(recycled)).toBe(false)
    await stopOwned(recycled, 0)
    expect(isAlive(owned.identity)).toBe(true)
  })
})

describe('stopping', () => {
  test('asks first: a process that saves its work on TERM may end by itself', async () => {
    const script = `process.on("SIGTERM", () => { console.log("saved"); process.exit(75) }); ${SLEEP}`
    const { owned, says } = await start(script)
    await says('up')
    await stopOwned(owned.identity, 30_000)
    expect(await owned.exit).toEqual({ kind: 'code', code: 75 })
    await says('saved')
  })

  test('kills what ignores TERM when the grace is over', async () => {
    const { owned, says } = await start(IGNORE_TERM)
    await says('up')
    await stopOwned(owned.identity, 200)
    expect(isAlive(owned.identity)).toBe(false)
    expect(await owned.exit).toEqual({ kind: 'signal', signal: 'SIGKILL' })
    await says('no')
  })

  test.each([
    ['that end on TERM', SLEEP, SLEEP],
    ['whose parent ignores TERM', IGNORE_TERM, SLEEP],
    ['that ignore TERM while their parent ends', SLEEP, IGNORE_TERM],
    ['that ignore TERM as their parent does', IGNORE_TERM, IGNORE_TERM],
  ])('ends grandchildren %s', async (_, parent, child) => {
    const { owned, says } = await start(withChild(parent, child))
    const grandchild = childIn(await says('up\nup'))
    expect(isRunning(grandchild)).toBe(true)
    await stopOwned(owned.identity, 500)
    expect(isAlive(owned.identity)).toBe(false)
    expect(isRunning(grandchild)).toBe(false)
  })

  test('is over when the last thread has gone, and with it the port', async () => {
    for (let i = 0; i < 15; i++) {
      const script = `process.on("SIGTERM", () => process.exit(0)); require("net").createServer().listen(0, "127.0.0.1", function () { console.log("port=" + this.address().port + ".") })`
      const { owned, says } = await start(script)
      const port = Number(/port=(\d+)\./.exec(await says('port='))?.[1])
      await stopOwned(owned.identity, 10_000)
      const server = createServer()
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('what has ended already is nothing', async () => {
    const { owned } = await start('0')
    await owned.exit
    await stopOwned(owned.identity, 0)
  })
})

describe.skipIf(!onLinux)('finding by marker (Linux only)', () => {
  test('gives the very process that was started, and nothing when it has ended', async () => {
    const { owned, marker } = await start(SLEEP)
    expect(findOwned(marker)).toEqual(owned.identity)
    await stopOwned(owned.identity, 10_000)
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
    onTestFinished(() => stopOwned(found, 0))
    expect(isAlive(found)).toBe(true)
    await stopOwned(found, 10_000)
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

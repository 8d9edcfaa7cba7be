/** Ending what was started, with real processes in every relation to their leader, and the signs that tell whose they are. */

import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isAlive } from '../../src/process/owned.ts'
import { partsOf, stopStarted } from '../../src/process/stop.ts'
import { type ProcessEntry, processTable } from '../../src/process/table.ts'
import { childIn, IGNORE_TERM, isRunning, SLEEP, start, withChild } from './starting.ts'

const onLinux = process.platform === 'linux'

describe('stopping', () => {
  test('asks first: a process that saves its work on TERM may end by itself', async () => {
    const script = `process.on("SIGTERM", () => { console.log("saved"); process.exit(75) }); ${SLEEP}`
    const { owned, says } = await start(script)
    await says('up')
    await stopStarted({ identity: owned.identity }, 30_000)
    expect(await owned.exit).toEqual({ kind: 'code', code: 75 })
    await says('saved')
  })

  test('kills what ignores TERM when the grace is over', async () => {
    const { owned, says } = await start(IGNORE_TERM)
    await says('up')
    await stopStarted({ identity: owned.identity }, 200)
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
    await stopStarted({ identity: owned.identity }, 500)
    expect(isAlive(owned.identity)).toBe(false)
    expect(isRunning(grandchild)).toBe(false)
  })

  test('is over when the last thread has gone, and with it the port', async () => {
    for (let i = 0; i < 15; i++) {
      const script = `process.on("SIGTERM", () => process.exit(0)); require("net").createServer().listen(0, "127.0.0.1", function () { console.log("port=" + this.address().port + ".") })`
      const { owned, says } = await start(script)
      const port = Number(/port=(\d+)\./.exec(await says('port='))?.[1])
      await stopStarted({ identity: owned.identity }, 10_000)
      const server = createServer()
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('what has ended already is nothing', async () => {
    const { owned } = await start('0')
    await owned.exit
    await stopStarted({ identity: owned.identity }, 0)
  })
})

const WORKER = SLEEP.replace('"up"', '"worker=" + process.pid')

/** Starts a worker with an empty environment, as one looks that has written over its own, and tells its id. */
function withUnmarkedWorker(options: { isDetached?: boolean; hasGroup?: boolean }): string {
  const { isDetached = false, hasGroup = false } = options
  const inGroup = ['/bin/bash', '-c', 'set -m; "$0" -e "$1" & wait']
  const [program, ...args] = hasGroup ? [...inGroup, process.execPath, WORKER] : [process.execPath, '-e', WORKER]
  const settings = { env: {}, stdio: 'inherit', detached: isDetached }
  return `require("child_process").spawn(${JSON.stringify(program)}, ${JSON.stringify(args)}, ${JSON.stringify(settings)}); ${SLEEP}`
}

describe.skipIf(!onLinux)('workers that do not carry the marker (Linux only)', () => {
  test.each([
    ['in its group, whose leader was killed', {}, true],
    ['in a group of their own, whose leader was killed', { hasGroup: true }, true],
    ['in a session of their own, while the leader lives', { isDetached: true }, false],
  ])('end: %s', async (_, options, isKilled) => {
    const { owned, marker, says } = await start(withUnmarkedWorker(options))
    const worker = Number(/worker=(\d+)/.exec(await says('worker=', 'up\n'))?.[1])
    onTestFinished(() => void (isRunning(worker) && process.kill(worker, 'SIGKILL')))
    expect(isRunning(worker)).toBe(true)
    if (isKilled) {
      process.kill(owned.identity.pid, 'SIGKILL')
      await owned.exit
      expect(isRunning(worker)).toBe(true)
    }
    await stopStarted({ identity: owned.identity, marker }, 10_000)
    expect(isRunning(worker)).toBe(false)
  })

  test('whoever ignores TERM does not cost the whole grace once the others are gone', async () => {
    const ignoring = `trap "" TERM; echo child=$$.; while :; do sleep 0.1; done`
    const script = `require("child_process").spawn("/bin/sh", ["-c", ${JSON.stringify(ignoring)}], { stdio: "inherit" }); ${SLEEP}`
    const { owned, says } = await start(script)
    const child = childIn(await says('child=', 'up'))
    // Longer than a test may take.
    await stopStarted({ identity: owned.identity }, 3_600_000)
    expect(isRunning(child)).toBe(false)
  })
})

describe('whose a process is', () => {
  // Beyond every process id that a system gives out: nobody can look into their environments.
  const LEADER = 5_000_000
  const entry = (pid: number, changes: Partial<ProcessEntry> = {}): ProcessEntry => ({
    pid,
    parent: 1,
    group: pid,
    session: pid,
    startTime: '200/aaaa',
    hasEnded: false,
    ...changes,
  })
  const parts = (startTime: string, ...table: readonly ProcessEntry[]): number[] =>
    partsOf({ identity: { pid: LEADER, startTime } }, table).map(({ pid }) => pid - LEADER)
  const member = entry(LEADER + 1, { group: LEADER, session: LEADER })

  test('the leader, its group, its session, and whoever descends from them', () => {
    const table = [
      entry(LEADER),
      member,
      entry(LEADER + 2, { session: LEADER }),
      entry(LEADER + 4, { parent: LEADER + 3 }),
      entry(LEADER + 3, { parent: LEADER + 1 }),
      entry(LEADER + 5),
      entry(LEADER + 6, { group: LEADER, hasEnded: true }),
    ]
    expect(parts('200/aaaa', ...table)).toEqual([0, 1, 2, 4, 3])
    expect(parts('200', ...table)).toEqual([0, 1, 2, 4, 3])
  })

  test.each([
    ['the leader is gone', '100/aaaa', [member], [1]],
    ['the leader has ended and nobody has collected it', '200/aaaa', [entry(LEADER, { hasEnded: true }), member], [1]],
    ['its id is a stranger’s by now', '100/aaaa', [entry(LEADER), member], []],
    ['the machine was started again since', '100/bbbb', [member], []],
    ['they are older than the leader', '300/aaaa', [member], []],
    ['it was written down without its boot', '100', [member], []],
  ])('where %s', (_, startTime, table, expected) => {
    expect(parts(startTime, ...table)).toEqual(expected)
  })
})

test('ps shows the same processes as the system does', () => {
  const own = (platform: NodeJS.Platform): ProcessEntry | undefined =>
    processTable(platform).find(({ pid }) => pid === process.pid)
  const [mine, told] = [own(process.platform), own('darwin')]
  expect(told).toMatchObject({ pid: process.pid, parent: process.ppid, group: mine?.group, hasEnded: false })
  expect(Date.parse(told?.startTime ?? '')).toBeLessThanOrEqual(Date.now())
})

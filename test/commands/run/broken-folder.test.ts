/** A run whose folder or disk is broken: it stops with one sentence and the right exit code, keeps what it had, and continues once that is fixed. */

import { copyFileSync, cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/store/open.ts'
import { startCommand } from '../../loop/command.ts'
import type { Workplace } from '../../loop/workplace.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { expectOneSentence } from '../sentence.ts'
import { makeFirstVersion, mountDisk, patched, remount, runLimited, textsIn } from './broken-disk.ts'
import { copyOfRun, expectWhole, openBrokenPlace, PROBLEMS, yaml } from './broken-place.ts'

let server: TestServer
let place: Workplace

beforeAll(async () => {
  ;({ server, place } = await openBrokenPlace())
})
afterAll(async () => {
  await server.close()
  place.remove()
})

describe('the run folder', () => {
  test('that another process is running in is left alone, and that process is not disturbed', async ({
    onTestFinished,
  }) => {
    const slow = await createTestServer({ problems: PROBLEMS, modelNames: ['base'], serviceRate: 12 })
    onTestFinished(() => slow.close())
    place.write('slow.yaml', yaml(slow.baseURL))
    let sampling = (): void => undefined
    const underWay = new Promise<void>((resolve) => (sampling = resolve))
    const first = startCommand(['run', 'slow.yaml', '--dir', 'twice', '--json'], {
      cwd: place.folder,
      onLine: (line) => line.includes('"kind":"sampling"') && sampling(),
    })
    await underWay
    const second = await place.run(['run', 'slow.yaml', '--dir', 'twice', '--quiet'])
    expectOneSentence(second, 2, /^Another process is running in this folder \(.*twice.*\); wait for it or stop it/)
    expect(place.status('twice')).toMatchObject({ state: 'running' })
    expect(await first.ended).toMatchObject({ code: 0, stderr: '' })
    expectWhole(place, 'twice')
  })

  test.each([
    [
      'budget.policy',
      ['--set', 'budget.policy.initial=31', '--set', 'budget.policy.kind=constant'],
      'budget.policy.initial',
    ],
    ['the seed', ['--set', 'seed=2'], 'seed'],
    ['the problems', ['--set', 'problems.train.0.path=other.jsonl'], 'problems.train'],
    ['two things', ['--set', 'seed=2', '--set', 'sample.temperature=0.5'], 'sample.temperature, seed'],
  ])('is not continued with under other values of %s', async (_, sets, keys) => {
    const ended = await place.run(['run', 'run.yaml', '--dir', 'whole', '--quiet', ...sets])
    expectOneSentence(
      ended,
      2,
      new RegExp(`^The run broken has begun with other values of ${keys.replaceAll('.', '\\.')}, `),
    )
    expectWhole(place, 'whole')
  })

  test('of a newer spendwise is not touched', async () => {
    const run = copyOfRun(place, 'newer')
    const file = place.at(run, 'spendwise.sqlite')
    const db = openDatabase(file)
    const version = db.pragma('user_version', { simple: true })
    db.pragma('user_version = 99')
    db.close()
    for (const args of [
      ['run', run, '--quiet'],
      ['status', run],
      ['export', run, '--out', 'newer.jsonl'],
    ]) {
      expectOneSentence(await place.run(args), 1, /was written by a newer spendwise .*; update spendwise/)
    }
    writeFileSync(file, patched(readFileSync(file), 60, Buffer.from([0, 0, 0, Number(version)])))
    expectWhole(place, run)
  })

  test.each([
    ['its first bytes', 0, 'it is not a spendwise database'],
    ['a page in its middle', 4096 * 3, 'it is damaged'],
  ])('with a database that has lost %s is told so, by every command', async (_, at, says) => {
    const run = copyOfRun(place, `damaged-${at}`)
    const file = place.at(run, 'spendwise.sqlite')
    copyFileSync(file, `${file}.kept`)
    writeFileSync(file, patched(readFileSync(file), at, Buffer.alloc(4096 * 4, 0xa5)))
    for (const args of [
      ['run', run, '--quiet'],
      ['status', run],
      ['export', run, '--out', 'damaged.jsonl'],
    ]) {
      expectOneSentence(await place.run(args), 1, new RegExp(`spendwise\\.sqlite.*${says}`))
    }
    copyFileSync(`${file}.kept`, file)
    expectWhole(place, run)
  })

  test('continues without its resolved.yaml and with half a line in events.jsonl: the database is the truth', async () => {
    const run = copyOfRun(place, 'rebuilt')
    rmSync(place.at(run, 'resolved.yaml'))
    writeFileSync(place.at(run, 'events.jsonl'), '{"kind":"run-sta')
    expect(await place.run(['run', run, '--quiet'])).toMatchObject({ code: 0 })
    expect(statSync(place.at(run, 'resolved.yaml')).size).toBeGreaterThan(500)
    const lines = readFileSync(place.at(run, 'events.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.slice(1).map((line) => JSON.parse(line).kind)).toContain('run-started')
    expectWhole(place, run)
  })

  test('of an older spendwise, which knew fewer keys, continues under their defaults', async () => {
    const run = copyOfRun(place, 'older')
    makeFirstVersion(place.at(run, 'spendwise.sqlite'))
    expect(await place.run(['status', run])).toMatchObject({ code: 0, stderr: '' })
    expect(await place.run(['run', 'run.yaml', '--dir', run, '--quiet'])).toMatchObject({ code: 0 })
    expect(await place.run(['run', run, '--quiet'])).toMatchObject({ code: 0 })
    expectWhole(place, run)
  })

  test('is given no checkpoint that it does not wait for, and stays what it was', async () => {
    const fresh = await place.run(['run', 'run.yaml', '--dir', 'fresh', '--checkpoint', 'base', '--quiet'])
    expectOneSentence(fresh, 2, /^--checkpoint base: no iteration of this run waits for a checkpoint; /)
    expect(await place.run(['run', 'run.yaml', '--dir', 'fresh', '--quiet'])).toMatchObject({ code: 0 })
    const done = copyOfRun(place, 'done')
    expect(await place.run(['run', done, '--checkpoint', 'base', '--quiet'])).toMatchObject({ code: 0, stderr: '' })
    const before = place.status(done)
    expect(before.state).toBe('done')
    expectOneSentence(
      await place.run(['run', done, '--checkpoint', 'base', '--quiet']),
      2,
      /no iteration of this run waits/,
    )
    expect(place.status(done)).toEqual(before)
  })

  test('takes no checkpoint under a name that nobody serves, and takes the right one after that', async () => {
    const run = copyOfRun(place, 'misspelt')
    expectOneSentence(await place.run(['run', run, '--checkpoint', 'bsae', '--quiet']), 3, /bsae/)
    expectWhole(place, run)
    expect(await place.run(['run', run, '--checkpoint', 'base', '--quiet'])).toMatchObject({ code: 0, stderr: '' })
    expect(place.status(run)).toMatchObject({ state: 'done' })
  })

  test('that cannot be written is told so, and its run continues when it can', async (context) => {
    const disk = mountDisk(context, place, 'read-only', '20m')
    cpSync(place.at('whole'), join(disk, 'run'), { recursive: true })
    rmSync(join(disk, 'run', 'lock.sqlite'))
    remount(disk, 'ro')
    const run = join(disk, 'run')
    expectOneSentence(await place.run(['run', run, '--quiet']), 1, /lock\.sqlite|cannot be written/)
    expectOneSentence(
      await place.run(['run', 'run.yaml', '--dir', join(disk, 'new'), '--quiet']),
      2,
      /^The run folder .*new cannot be made \(.*\); name another place with --dir/,
    )
    remount(disk, 'rw')
    expect(await place.run(['run', run, '--quiet'])).toMatchObject({ code: 0 })
    expectWhole(place, run)
  })
})

describe.concurrent('the disk', () => {
  // One size after the other, so that it runs full at the problems, while sampling, at the dataset and at the report.
  const DISK_KIB = [60, 200, 270]

  test('that is full stops the run, and the same command resumes it when there is room', async (context) => {
    const disk = mountDisk(context, place, 'full', '60k')
    const run = ['run', 'run.yaml', '--dir', join(disk, 'run'), '--quiet']
    let stops = 0
    for (const size of DISK_KIB) {
      remount(disk, `size=${size}k`)
      const ended = await place.run(run)
      if (ended.code === 0) break
      expectOneSentence(ended, 1, /(disk is full|ENOSPC).*free some space/)
      stops++
    }
    expect(stops).toBeGreaterThan(1)
    remount(disk, 'size=50m')
    const kept = textsIn(join(disk, 'run'))
    expect(await place.run(run)).toMatchObject({ code: 0 })
    expect(textsIn(join(disk, 'run'))).toEqual(expect.arrayContaining(kept))
    expectWhole(place, join(disk, 'run'))
  })

  test('that allows no larger file stops the run, and the same command resumes it without that limit', async () => {
    const run = ['run', 'run.yaml', '--dir', 'limited', '--quiet']
    for (const kib of [40, 150]) {
      const ended = await runLimited(place, run, kib)
      expectOneSentence(ended, 1, /writing failed|cannot be written|disk is full/)
    }
    expect(await place.run(run)).toMatchObject({ code: 0 })
    expectWhole(place, 'limited')
  })

  test('behind stdout that is full is told in one sentence', async () => {
    const full = await place.run(['status', 'whole'], { stdout: '/dev/full' })
    expectOneSentence(full, 2, /^The result cannot be written to stdout \(.*ENOSPC/)
  })
})

/** The end of a run, a good or a bad one: written down, reported, and told. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CapReached, Interrupted, RunError, ServerError, StoreError } from '../../src/core/errors.ts'
import { explainDisk, finish, recordFailure } from '../../src/loop/ending.ts'
import { FOLDER } from '../../src/run/folder.ts'
import { scriptRun } from './scripted-run.ts'

const diskError = (code: string): Error => Object.assign(new Error(`${code}: no`), { code })

test('an end is stored, told, and has a report', async () => {
  const { context, events } = scriptRun()
  const { store, directory, emit } = context
  const end = await finish(store, directory, emit, 'waiting', 'for somebody')
  expect(end).toEqual({ state: 'waiting', reason: 'for somebody', report: join(directory, FOLDER.report) })
  expect(existsSync(end.report ?? '')).toBe(true)
  expect(store.run.read()).toMatchObject({ state: 'waiting', reason: 'for somebody' })
  expect(events).toEqual([{ kind: 'run-ended', ...end }])
})

test.each<[unknown, string, string]>([
  [new Interrupted(), 'interrupted', new Interrupted().message],
  [new CapReached('enough'), 'capped', 'enough'],
  [new RunError('no'), 'failed', 'no'],
  [new ServerError('gone'), 'failed', 'gone'],
  [new Error('a bug'), 'failed', 'a bug'],
])('a failure is stored for what it is: %s', async (failure, state, reason) => {
  const { context, events } = scriptRun()
  await recordFailure(context.store, context.directory, context.emit, failure)
  expect(context.store.run.read()).toMatchObject({ state, reason })
  expect(events).toMatchObject([{ kind: 'run-ended', state, reason, report: join(context.directory, FOLDER.report) }])
})

test.each([new StoreError('locked'), diskError('ENOSPC'), diskError('EROFS')])(
  'where the disk is at fault nothing more is written: %s',
  async (failure) => {
    const { context, events } = scriptRun()
    await recordFailure(context.store, context.directory, context.emit, failure)
    expect(events).toEqual([])
    expect(context.store.run.read()?.state).toBe('running')
  },
)

test('what cannot be written down does not hide the failure', async () => {
  const { context } = scriptRun()
  const emit = () => {
    throw new Error('nobody listens')
  }
  await recordFailure(context.store, context.directory, emit, new RunError('no'))
  expect(context.store.run.read()?.state).toBe('failed')
})

test('a file that cannot be written is a sentence about the folder; other errors stay as they are', () => {
  const explained = explainDisk(diskError('EACCES'), '/runs/a')
  expect(explained).toBeInstanceOf(StoreError)
  expect(explained).toMatchObject({
    message:
      '/runs/a cannot be written (EACCES: no); free some space or fix its permissions and run again, nothing stored is lost.',
    cause: expect.objectContaining({ code: 'EACCES' }),
  })
  for (const error of [
    diskError('ENOENT'),
    new Error('x'),
    new RunError('y'),
    'z',
    Object.assign(new Error('n'), { code: 7 }),
  ])
    expect(explainDisk(error, '/runs/a')).toBe(error)
})

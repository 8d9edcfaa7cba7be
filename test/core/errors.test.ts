/** Errors: each boundary has its class, its exit code and its cause. */

import { expect, test } from 'vitest'
import {
  CapReached,
  ConfigError,
  Interrupted,
  RunError,
  ServerError,
  SpendwiseError,
  StoreError,
  TrainerError,
} from '../../src/core/errors.ts'

test.each<[string, SpendwiseError, number]>([
  ['ConfigError', new ConfigError('x'), 2],
  ['ServerError', new ServerError('x'), 3],
  ['TrainerError', new TrainerError('x'), 1],
  ['TrainerError', new TrainerError('x', { unreachable: true }), 3],
  ['StoreError', new StoreError('x'), 1],
  ['StoreError', new StoreError('x', { usage: true }), 2],
  ['RunError', new RunError('x'), 1],
  ['CapReached', new CapReached('x'), 4],
  ['Interrupted', new Interrupted(), 130],
])('%s: %s has the exit code %i', (name, error, exitCode) => {
  expect(error).toBeInstanceOf(SpendwiseError)
  expect(error).toBeInstanceOf(Error)
  expect({ name: error.name, exitCode: error.exitCode }).toEqual({ name, exitCode })
})

test('the original error is kept as the cause', () => {
  const cause = new Error('ECONNREFUSED')
  for (const error of [
    new ConfigError('x', { cause }),
    new ServerError('x', { cause }),
    new TrainerError('x', { cause }),
    new StoreError('x', { cause }),
    new RunError('x', { cause }),
  ]) {
    expect(error.cause).toBe(cause)
  }
})

test('an interruption says that the same command resumes it', () => {
  expect(new Interrupted().message).toContain('resumes')
})

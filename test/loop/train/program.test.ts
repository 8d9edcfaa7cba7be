/** Doctor's look at a trainer that is a program, and the job that it stands for. */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstJob } from '../../../src/loop/train/example-job.ts'
import {
  checkProgram,
  existsProgram,
  missingFiles,
  notPassed,
  programOptions,
} from '../../../src/loop/train/program.ts'
import { recipeSettings } from '../../../src/loop/train/recipe-settings.ts'
import { TRAINERS, trainerEngine } from '../../../src/loop/train/trainers.ts'
import { scriptedConfig, scriptRun } from '../scripted-run.ts'

function stage(yaml = '') {
  const { context } = scriptRun({ yaml, budget: 'policy: { kind: exponential, initial: 8, growth: 2 }, iterations: 3' })
  const { config, directory } = context
  const at = (name: string, isProgram = false): string => {
    const path = join(directory, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, '#!/bin/sh\n')
    if (isProgram) chmodSync(path, 0o755)
    return path
  }
  return { input: { config, directory, configDirectory: directory }, directory, at }
}

test('scripts that the command names and that are not there are named', () => {
  const { input, directory, at } = stage()
  at('there.py')
  const command = [
    'python3',
    'there.py',
    'gone.py',
    '--flag',
    'x/also-gone.sh',
    '{dataset}',
    'no file.py',
    'data.jsonl',
  ]
  expect(missingFiles(input, command)).toEqual([
    {
      level: 'problem',
      subject: 'trainer',
      text: `train.command names gone.py, x/also-gone.sh, which is not there (relative paths start at ${directory}).`,
    },
  ])
  expect(missingFiles(input, ['python3', 'there.py'])).toEqual([])
  // The program itself is looked for elsewhere.
  expect(missingFiles(input, ['gone.sh'])).toEqual([])
})

test('a program is there on the PATH, or as a file that may be run', () => {
  const { directory, at } = stage()
  at('bin/own', true)
  at('bin/data')
  expect(existsProgram('sh', directory)).toBe(true)
  expect(existsProgram('no-such-program-anywhere', directory)).toBe(false)
  expect(existsProgram('bin/own', directory)).toBe(true)
  expect(existsProgram(join(directory, 'bin/own'), '/')).toBe(true)
  expect(existsProgram('bin/own', '/')).toBe(false)
  expect(existsProgram('bin/data', directory)).toBe(false)
})

test('doctor says what is missing first, then whether the program is there, then what it is not told', () => {
  const { input } = stage()
  const levels = (command: string[]) => checkProgram(input, { command }).map(({ level }) => level)
  expect(levels(['sh', 'gone.py'])).toEqual(['problem'])
  expect(levels(['no-such-program-anywhere'])).toEqual(['unreachable'])
  expect(levels(['sh'])).toEqual(['ok', 'note'])
  expect(checkProgram(input, { command: ['sh'] })[0]?.text).toMatch(/^sh is there/)
  expect(notPassed(input)[0]?.text).toBe(
    'train.command is not passed train.epochs, train.batch, train.lr, train.lrSchedule: the program uses values of its own.',
  )
  const all = ['base', 'dataset', 'output', 'epochs', 'batch', 'lr', 'lrEnd'].map((name) => `"{${name}}"`).join(', ')
  expect(notPassed(stage(`train: { kind: command, command: [train, ${all}] }`).input)).toEqual([])
})

test('a program is started where run.yaml lies, and its keys are kept from it', () => {
  const { input, directory } = stage(
    'verify: { judge: { endpoint: { baseURL: "http://x/v1", model: j, apiKeyEnv: JUDGE } } }',
  )
  expect(programOptions(input, { command: ['train'], env: ['A'] as never })).toEqual({
    command: ['train'],
    env: ['A'],
    keys: ['JUDGE'],
    cwd: directory,
    directory,
  })
})

test('the job that doctor asks about is the first iteration’s', () => {
  const { input, directory } = stage()
  expect(firstJob(input)).toMatchObject({
    key: '0-0',
    iteration: 0,
    rows: 8,
    dataset: expect.stringContaining(directory),
    output: join(directory, 'checkpoints', '00'),
    recipe: recipeSettings(input.config),
  })
  expect(firstJob(input).optimization.batch).toBeGreaterThan(0)
})

test('a recipe is told to keep its fp32 weights where the next job starts from them', () => {
  const settings = (train: string) =>
    recipeSettings(
      scriptedConfig({ yaml: `train: { kind: command, command: [t, "{base}", "{dataset}", "{output}"]${train} }` }),
    )
  expect(settings(', init: base').master).toBe('none')
  expect(settings(', init: previous').master).toBe('keep')
  expect(settings(', stopSeconds: 9').stopSeconds).toBe(9)
})

test('each kind of trainer says whether it starts a program, and without one nothing is trained', () => {
  const { input } = stage()
  expect(trainerEngine(input.config)).toBe(TRAINERS.command)
  const starts = Object.entries(TRAINERS).filter(([, { startsProgram }]) => startsProgram)
  expect(starts.map(([kind]) => kind).sort()).toEqual(['command', 'ray', 'slurm'])
  expect(TRAINERS.none.create(input, { kind: 'none' } as never)).toBeUndefined()
  expect(TRAINERS.none.check(input, { kind: 'none' } as never)).toMatchObject([{ level: 'note' }])
})

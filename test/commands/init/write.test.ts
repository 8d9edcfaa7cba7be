/** `spendwise init` writes a run.yaml, and never over one. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { registerInit } from '../../../src/commands/init/command.ts'
import { startRun } from '../../../src/commands/init/write.ts'
import { loadRunConfig } from '../../../src/config/parse.ts'
import { presetNames, presetText } from '../../../src/config/presets.ts'
import { EXIT } from '../../../src/core/errors.ts'

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'spendwise-init-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('a preset lands as run.yaml, with the prompts it names next to it', () => {
  const directory = join(newDirectory(), 'deep', 'down')
  const started = startRun(directory, 'vllm', false)
  expect(readFileSync(started.runFile, 'utf8')).toBe(presetText('vllm'))
  expect(started.written).toContain(join(directory, 'prompts/gsm8k-0shot.md'))
  expect(started.written.every((path) => existsSync(path))).toBe(true)
  expect(started.missing).toEqual(['data/gsm8k/train.jsonl', 'data/gsm8k/test.jsonl'])
  expect(loadRunConfig(started.runFile).config.name).toBe('gsm8k-exponential')
})

test('the quickstart needs nothing', () => {
  expect(startRun(newDirectory(), 'quickstart', false).missing).toEqual([])
})

test('a run.yaml that is there is kept, unless force says otherwise; other files always are', () => {
  const directory = newDirectory()
  startRun(directory, 'vllm', false)
  const prompt = join(directory, 'prompts/gsm8k-0shot.md')
  writeFileSync(prompt, 'mine')
  expect(() => startRun(directory, 'star', false)).toThrow(
    'run.yaml is there already. Name another directory, or replace it with --force.',
  )
  expect(loadRunConfig(join(directory, 'run.yaml')).config.name).toBe('gsm8k-exponential')
  startRun(directory, 'star', true)
  expect(loadRunConfig(join(directory, 'run.yaml')).config.name).toBe('star')
  expect(readFileSync(prompt, 'utf8')).toBe('mine')
})

test('the command writes, and refuses with exit code 2', async () => {
  const directory = newDirectory()
  const run = (...args: string[]) => {
    const program = new Command().exitOverride()
    registerInit(program)
    return program.parseAsync(['node', 'spendwise', 'init', directory, ...args])
  }
  await run('--preset', 'raft')
  expect(loadRunConfig(join(directory, 'run.yaml')).config.name).toBe('raft')
  await expect(run('--preset', 'raft')).rejects.toMatchObject({ exitCode: EXIT.usage })
  await expect(run('--preset', 'nothing', '--force')).rejects.toMatchObject({ exitCode: EXIT.usage })
})

test('the help lists every preset', () => {
  const program = new Command()
  registerInit(program)
  let help = ''
  const init = program.commands[0]
  init
    ?.configureOutput({
      writeOut: (text) => {
        help += text
      },
    })
    .outputHelp()
  for (const name of presetNames()) expect(help).toContain(`  ${name} `)
})

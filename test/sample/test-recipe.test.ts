/** The test recipe and the server process: a checkpoint goes from the one to the other. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const RECIPE = join(import.meta.dirname, '../server/train-recipe.ts')
const SERVER = join(import.meta.dirname, '../server/main.ts')

interface Setup {
  readonly dir: string
  readonly output: string
  readonly flags: string[]
}

function setUp(): Setup {
  const dir = mkdtempSync(join(tmpdir(), 'recipe-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const row = JSON.stringify({
    prompt: [{ role: 'user', content: '1+1?' }],
    completion: [{ role: 'assistant', content: '2' }],
  })
  const text = `${row}\n`.repeat(64)
  writeFileSync(join(dir, 'data.jsonl'), text)
  writeFileSync(join(dir, 'skill.json'), '{"skill":0.5}')
  const sha256 = createHash('sha256').update(text).digest('hex')
  const output = join(dir, 'checkpoint')
  const flags = [
    '--base-model',
    dir,
    '--dataset',
    join(dir, 'data.jsonl'),
    '--expect-dataset-sha256',
    sha256,
    '--output-dir',
    output,
  ]
  return { dir, output, flags }
}

function start(file: string, flags: readonly string[]): ChildProcess {
  return spawn(process.execPath, [file, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve))
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout?.once('data', (chunk) => resolve(String(chunk).trim())))
}

test('the recipe makes a checkpoint with metrics, and a second call finds it done', async () => {
  const { output, flags } = setUp()
  expect(await ended(start(RECIPE, flags))).toBe(0)
  const metrics = JSON.parse(readFileSync(join(output, 'metrics.json'), 'utf8'))
  expect(metrics).toMatchObject({ schema: 1, dataset: { sha256: flags[5], rows: 64 }, steps: 2, seed: 0 })
  expect(JSON.parse(readFileSync(join(output, 'skill.json'), 'utf8')).skill).toBeGreaterThan(0.5)
  const weights = createHash('sha256')
    .update(readFileSync(join(output, 'weights.bin')))
    .digest('hex')
  expect(metrics.checkpoint.sha256).toBe(weights)
  expect(await ended(start(RECIPE, flags))).toBe(0)
})

test('bad input ends with 2, a failed training with 3, and neither leaves a checkpoint', async () => {
  const { output, flags } = setUp()
  expect(await ended(start(RECIPE, flags.with(5, 'beef')))).toBe(2)
  expect(await ended(start(RECIPE, flags.with(1, '/nowhere')))).toBe(2)
  expect(await ended(start(RECIPE, [...flags, '--fail-code', '3']))).toBe(3)
  expect(existsSync(output)).toBe(false)
})

test('TERM ends with 75, and the next call continues from there', async () => {
  const { output, flags } = setUp()
  const slow = [...flags, '--delay-ms', '400']
  const child = start(RECIPE, slow)
  const exit = ended(child)
  await firstLine(child)
  child.kill('SIGTERM')
  expect(await exit).toBe(75)
  expect(existsSync(output)).toBe(false)
  expect(await ended(start(RECIPE, slow))).toBe(0)
  expect(existsSync(join(output, 'metrics.json'))).toBe(true)
})

test('the server process serves a checkpoint under the name it is given and ends on TERM', async () => {
  const { dir } = setUp()
  const child = start(SERVER, ['--checkpoint', dir, '--served-model-name', 'iter003', '--load-ms', '50'])
  const exit = ended(child)
  const line = await firstLine(child)
  const baseURL = line.replace('listening on ', '')
  const models = await (await fetch(`${baseURL}/models`)).json()
  expect(models).toMatchObject({ data: [{ id: 'iter003', root: dir, max_model_len: 32768 }] })
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
})

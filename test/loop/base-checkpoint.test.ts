import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import { baseCheckpoint, shippedBaseDirectory } from '../../src/loop/tools.ts'

const pathOf = async (base: string, folder: string): Promise<string> => {
  const text = `${base}problems: { train: [{ dataset: steps, count: 9 }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }\n`
  return (await baseCheckpoint(parseRunConfig({ text, file: 'run.yaml', sets: [] }), folder)).path
}

test('the shipped model is what is meant where nothing is written; a folder that is there is taken, whatever its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-base-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  expect(await pathOf('', folder)).toBe(shippedBaseDirectory)
  expect(await pathOf('base: toy\n', folder)).toBe(shippedBaseDirectory)
  cpSync(shippedBaseDirectory, join(folder, 'toy'), { recursive: true })
  expect(await pathOf('', folder)).toBe(shippedBaseDirectory)
  for (const written of ['toy', './toy', join(folder, 'toy')])
    expect(await pathOf(`base: ${written}\n`, folder)).toBe(join(folder, 'toy'))
})

/** Presets are run.yaml files that are read without a fault and ask only for what is there. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { optimizationNotPassed } from '../../src/config/not-passed.ts'
import { parseRunConfig } from '../../src/config/parse.ts'
import { PRESETS, presetNames, presetText } from '../../src/config/presets.ts'
import { runTargets } from '../../src/core/budget/next-target.ts'
import { RECIPE_FLAGS } from '../../src/core/placeholders.ts'

const parsePreset = (name: string) => parseRunConfig({ text: presetText(name), file: `${name}.yaml` })

test('every preset has a file, and every file is a preset', () => {
  const files = readdirSync(new URL('../../assets/presets/', import.meta.url))
  expect(files.toSorted()).toEqual(
    presetNames()
      .map((name) => `${name}.yaml`)
      .toSorted(),
  )
})

test.each(presetNames())('%s is read without a fault and explains itself', (name) => {
  const text = presetText(name)
  expect(text).toMatch(/^# /)
  expect(parsePreset(name).problems.train.length).toBeGreaterThan(0)
  expect(PRESETS[name]).not.toBe('')
})

test.each(presetNames())('%s tells its trainer all of its optimisation', (name) => {
  expect(optimizationNotPassed(parsePreset(name))).toEqual([])
})

test.each(presetNames())('%s fills the flags of the recipe that its command names, and all of them', (name) => {
  const { train } = parsePreset(name)
  const command = 'command' in train ? train.command : []
  if (!command.includes('recipes/train_sft.py')) return
  const isLora = command.includes('lora')
  for (const [placeholder, flag] of Object.entries(RECIPE_FLAGS)) {
    // Every job starts a new adapter.
    if (isLora && placeholder === 'optimizerState') continue
    expect(command[command.indexOf(flag) + 1], flag).toBe(`{${placeholder}}`)
  }
})

test.each(presetNames())('the prompts that %s names are shipped', (name) => {
  for (const path of Object.values(parsePreset(name).prompt)) {
    expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true)
  }
})

/** Batches of every iteration. */
function batchesOf(budget: ReturnType<typeof parsePreset>['budget']): number[] {
  return runTargets(budget).map(({ count }) => count / (budget.batchSize ?? 1))
}

test('the paper’s three policies ask for the 1,000 batches of its code, exactly', () => {
  const totals = ['paper-exponential', 'paper-linear', 'paper-constant'].map((name) =>
    batchesOf(parsePreset(name).budget).reduce((a, b) => a + b),
  )
  expect(totals).toEqual([1000, 1000, 1000])
})

test('without its total, paper-exponential is the plan as published: 26 iterations, 9% over', () => {
  const text = presetText('paper-exponential')
  const { budget } = parseRunConfig({ text, file: 'published.yaml', sets: ['budget.total=null'] })
  const batches = batchesOf(budget)
  expect(batches).toHaveLength(26)
  expect(batches.slice(0, 7)).toEqual([10, 11, 12, 13, 15, 16, 18])
  expect(batches.slice(-3)).toEqual([90, 98, 108])
  expect(batches.reduce((a, b) => a + b)).toBe(1092)
})

test.each(['paper-exponential', 'paper-linear', 'paper-constant', 'star', 'rest-em', 'raft'])(
  '%s has its part of the page, with the axes it has in the file',
  (name) => {
    const page = readFileSync(new URL('../../docs/presets.md', import.meta.url), 'utf8')
    const { train } = parsePreset(name)
    expect(page).toContain(`\n## ${name}\n`)
    expect(page).toContain(`| \`${name}\` | \`${train.init}\` | \`${train.data}\` |`)
  },
)

test('an unknown preset is refused with the nearest name', () => {
  expect(() => presetText('paper-exponental')).toThrow(
    'There is no preset paper-exponental. Did you mean paper-exponential?',
  )
})

/** A run that spendwise-checker/4 verified (test/fixtures/run-checker-4): what the present checker says of it, flip by flip. */

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { reverifyRun } from '../../../src/commands/verify/reverify.ts'
import { parseRunConfig } from '../../../src/config/parse.ts'
import { openStore } from '../../../src/store/store.ts'
import { judge } from '../../../src/verify/decide.ts'
import { temporaryFolder } from '../../store/hand-made-run.ts'

const FIXTURE = fileURLToPath(new URL('../../fixtures/run-checker-4', import.meta.url))
const YAML = `
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 1 }, iterations: 1 }
`

function verdictsOf(directory: string) {
  const store = openStore(directory)
  const rows = store.verdicts.page(0, 1_000)
  store.close()
  return rows
}

test('every flip of a run that checker 4 verified is counted by its rules, and the old verdicts are kept', async () => {
  const place = temporaryFolder()
  cpSync(FIXTURE, place, { recursive: true })
  const directory = join(place, 'runs/checked-by-4')
  const before = verdictsOf(directory)
  expect(before.length).toBe(64)
  expect(new Set(before.map(({ checker }) => checker))).toEqual(new Set(['spendwise-checker/4']))

  const config = parseRunConfig({ text: YAML, file: 'run.yaml', sets: [] })
  const signal = new AbortController().signal
  const report = await reverifyRun({ config, configPath: join(place, 'run.yaml'), directory, dryRun: false, signal })

  const expected = new Map<string, number>()
  for (const row of before) {
    const now = judge(row.gold, row.text)
    if (now.kind === row.kind) continue
    const flip = `${row.kind} (${row.rule}) -> ${now.kind} (${now.rule})`
    expected.set(flip, (expected.get(flip) ?? 0) + 1)
  }
  const told = report.rules.map(
    ({ from, fromRule, to, toRule, count }) => [`${from} (${fromRule}) -> ${to} (${toRule})`, count] as const,
  )
  expect(new Map(told)).toEqual(expected)
  expect(told.length).toBe(expected.size)
  // What words around a value said, residues, and lines by another letter: kinds that checker 4 did not know.
  expect(expected.size).toBeGreaterThan(20)
  expect(report.acceptedNowWrong).toBeGreaterThan(5)
  expect(report.nowCorrect).toBeGreaterThan(5)

  const after = verdictsOf(directory)
  expect(after.map(({ kind }) => kind)).toEqual(before.map(({ gold, text }) => judge(gold, text).kind))
  const store = openStore(directory, { readonly: true })
  expect(store.verdicts.replaced()).toBe(64)
  store.close()
})

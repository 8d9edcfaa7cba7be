import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ReverifyReport, reverifyRun } from '../../../src/commands/verify/reverify.ts'
import { parseRunConfig } from '../../../src/config/parse.ts'
import { acquireLock } from '../../../src/store/lock.ts'
import { LOCK_FILE } from '../../../src/store/place/place.ts'
import { openStore } from '../../../src/store/store.ts'
import { completion, createRun, temporaryFolder, verdict } from '../../store/hand-made-run.ts'

const YAML = `
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 1 }, iterations: 1 }
`

/** Four verified completions: one was rightly correct, one is to flip each way, one keeps its kind. */
function oldRun(): string {
  const folder = temporaryFolder()
  const store = createRun(folder)
  const texts = ['A: 2', 'A: \\sqrt{4}', 'A: 3', 'no idea\nat all']
  const ids = store.completions.insert(
    texts.map((text, index) => completion({ key: { index }, issue: index, text })),
    1,
  )
  const kinds = ['correct', 'undecided', 'correct', 'no-answer'] as const
  store.verdicts.insert(ids.map((id, at) => ({ completion: id, verdict: verdict(kinds[at] ?? 'correct') })))
  store.completions.close([{ completion: ids[2] ?? 0, disposition: 'accepted' }])
  store.close()
  return folder
}

function reverify(directory: string, dryRun: boolean): Promise<ReverifyReport> {
  const config = parseRunConfig({ text: YAML, file: 'run.yaml', sets: [] })
  const signal = new AbortController().signal
  return reverifyRun({ config, configPath: join(directory, 'run.yaml'), directory, dryRun, signal })
}

test('history is verified again: flips are reported, old verdicts kept, and a second time changes nothing', async () => {
  const folder = oldRun()
  const rehearsal = await reverify(folder, true)
  const report = await reverify(folder, false)
  expect(report).toEqual({ ...rehearsal, dryRun: false })
  expect(report).toMatchObject({ verified: 4, replaced: 4, acceptedNowWrong: 1, nowCorrect: 1 })
  expect(report.flips).toEqual([
    { from: 'undecided', to: 'correct', count: 1 },
    { from: 'correct', to: 'incorrect', count: 1 },
  ])
  expect(report.examples[1]).toMatchObject({ problem: 'sums/0', index: 2, accepted: true, gold: '2', extracted: '3' })
  const store = openStore(folder, { readonly: true })
  expect(store.verdicts.page(0, 10).map(({ kind }) => kind)).toEqual(['correct', 'correct', 'incorrect', 'no-answer'])
  expect(store.verdicts.replaced()).toBe(4)
  store.close()
  expect(await reverify(folder, false)).toMatchObject({ replaced: 0, flips: [] })
})

test('a run that another process works on is left alone', async () => {
  const folder = oldRun()
  const lock = acquireLock(join(folder, LOCK_FILE))
  await expect(reverify(folder, false)).rejects.toThrow(/locked/)
  lock.release()
})

import { expect, test } from 'vitest'
import type { TraceLabel } from '../../src/core/label.ts'
import { fixtureRows, readLabels, removeLabel, writeLabels } from '../../src/run/labels.ts'
import { completion, createRun, temporaryFolder, verdict } from './hand-made-run.ts'

function labelledRun(): { readonly folder: string; readonly ids: readonly number[] } {
  const folder = temporaryFolder()
  const store = createRun(folder)
  const ids = store.completions.insert(
    [0, 1, 2].map((index) => completion({ key: { index }, issue: index, text: `text ${index}` })),
    1,
  )
  store.verdicts.insert(ids.map((id) => ({ completion: id, verdict: verdict('correct') })))
  store.close()
  return { folder, ids }
}

const label = (trace: number, given: Partial<TraceLabel> = {}): TraceLabel => ({
  trace,
  label: 'right',
  note: undefined,
  blind: false,
  at: 5,
  ...given,
})

test('a label takes the place of an earlier one of its kind; a blind one and one with sight stand side by side', () => {
  const { folder, ids } = labelledRun()
  const [first = 0, second = 0] = ids
  writeLabels(folder, [
    label(first),
    label(first, { label: 'wrong', note: 'off by one' }),
    label(second, { blind: true }),
  ])
  writeLabels(folder, [label(second, { label: 'unclear' })])
  expect(readLabels(folder)).toEqual([
    label(first, { label: 'wrong', note: 'off by one' }),
    label(second, { blind: true }),
    label(second, { label: 'unclear' }),
  ])
  removeLabel(folder, second, false)
  expect(readLabels(folder)).toHaveLength(2)
})

test('a label of a trace that is not there is named and not written', () => {
  const { folder, ids } = labelledRun()
  expect(writeLabels(folder, [label(999), label(ids[0] ?? 0)])).toEqual([999])
  expect(readLabels(folder)).toHaveLength(1)
})

test('fixture rows hold what a person says against what the checker said, the blind label first', () => {
  const { folder, ids } = labelledRun()
  const [first = 0, second = 0, third = 0] = ids
  writeLabels(folder, [
    label(first, { label: 'wrong', blind: true }),
    label(first, { label: 'right' }),
    label(second, { note: 'checked' }),
    label(third, { label: 'unclear' }),
  ])
  expect(fixtureRows(folder).map(({ pred, label, agrees, note }) => ({ pred, label, agrees, note }))).toEqual([
    { pred: 'text 0', label: 'wrong', agrees: false, note: undefined },
    { pred: 'text 1', label: 'right', agrees: true, note: 'checked' },
  ])
})

import { expect, test } from 'vitest'
import { completion, createRun, verdict } from './hand-made-run.ts'

test('a verdict that is given again takes the place of the old one, which stays in the history', () => {
  const store = createRun()
  const [first = 0, second = 0] = store.completions.insert(
    [completion(), completion({ key: { index: 1 }, issue: 1, text: 'A: 3' })],
    1,
  )
  store.verdicts.insert([
    { completion: first, verdict: verdict('undecided') },
    { completion: second, verdict: verdict('incorrect', '3') },
  ])
  store.verdicts.replace([{ completion: first, verdict: { ...verdict('correct'), checker: '2' } }], 1)
  expect(store.verdicts.page(0, 10)).toMatchObject([
    { id: first, kind: 'correct', checker: '2', gold: '2', text: 'A: 2' },
    { id: second, kind: 'incorrect', checker: '1', gold: '2' },
  ])
  expect(store.verdicts.page(first, 10)).toHaveLength(1)
  expect(store.verdicts.replaced()).toBe(1)
  expect(Array.from(store.verdicts.trainKeys(), ({ kind }) => kind)).toEqual(['correct', 'incorrect'])
  expect(store.verdicts.text(second)).toMatchObject({ question: '1 + 1?', gold: '2', text: 'A: 3' })
  expect(store.verdicts.text(99)).toBeUndefined()
})

test('whether a verdict was decided exactly or by probing is stored with it, and replaced with it', () => {
  const store = createRun()
  const [first = 0, second = 0] = store.completions.insert(
    [completion(), completion({ key: { index: 1 }, issue: 1, text: 'A: 3' })],
    1,
  )
  store.verdicts.insert([
    { completion: first, verdict: { ...verdict('correct'), method: 'exact' } },
    { completion: second, verdict: verdict('correct') },
  ])
  expect(store.verdicts.page(0, 10).map(({ method }) => method)).toEqual(['exact', null])
  store.verdicts.replace([{ completion: first, verdict: { ...verdict('correct'), method: 'probed' } }], 1)
  expect(store.verdicts.page(0, 1)[0]?.method).toBe('probed')
})

test('a reward comes back with its completion, and goes into the history when another is given', () => {
  const store = createRun()
  const [id = 0] = store.completions.insert([completion()], 1)
  store.verdicts.insert([{ completion: id, verdict: { ...verdict('incorrect'), reward: 0.75 } }])
  expect(store.completions.drawn('train', 0).map(({ reward }) => reward)).toEqual([0.75])
  store.verdicts.replace([{ completion: id, verdict: verdict('correct') }], 1)
  expect(store.completions.drawn('train', 0).map(({ reward }) => reward)).toEqual([undefined])
  expect(store.verdicts.replaced()).toBe(1)
})

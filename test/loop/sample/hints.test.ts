/** Rationalization: problems that were never solved are asked with the answer as a hint, once a problem at most is taken. */

import { expect, test } from 'vitest'
import { rationalize } from '../../../src/loop/sample/rationalize.ts'
import { readRun } from '../database.ts'
import { type Script, scriptRun } from '../scripted-run.ts'

const YAML = 'rationalize: { share: 0.5, after: 2, samples: 2 }'

/** An iteration of four accepted traces, before which two of six problems were asked twice in vain. */
function stage(says: Script['says'], yaml = YAML) {
  const run = scriptRun({ yaml, problems: { train: 6 }, says, concurrency: 8 })
  const { store } = run.context
  const row = run.begin(4)
  const rows = Array.from({ length: 12 }, (_, issue) => {
    const number = (issue + 4) % 6
    const text = number < 4 ? `${number}` : 'wrong'
    return { problem: `train/${number}`, index: Math.floor(issue / 6), issue, text }
  })
  run.drawn('train', 0, rows)
  store.completions.closeEach(
    'train',
    0,
    ({ verdict, issue }) => (verdict !== 'correct' ? 'wrong' : issue < 6 ? 'duplicate' : 'accepted'),
    () => undefined,
  )
  const go = () => rationalize(run.context, row, { checkpoint: run.base.id, model: 'base' }, 0.6)
  const fates = () =>
    readRun(run.context.directory)
      .rows(
        `select d.disposition as fate, p.id from completion c join disposition d on d.completion = c.id
         join problem p on p.number = c.problem where c.purpose = 'hint' order by c.issue`,
      )
      .map(({ fate }) => fate)
  return { ...run, go, fates }
}

test('problems asked in vain are asked with the answer, as many as the share allows', async () => {
  const run = stage((_, { answer }) => `Step by step: ${answer}`)
  await run.go()
  expect(run.asked).toHaveLength(2)
  for (const { key, messages, parameters } of run.asked) {
    expect(key.purpose).toBe('hint')
    expect(['train/4', 'train/5']).toContain(key.problem)
    expect(messages.at(-1)?.content).toContain(`the answer is ${key.problem.split('/')[1]}`)
    expect(parameters.temperature).toBe(0.6)
  }
  expect(new Set(run.asked.map(({ key }) => key.problem)).size).toBe(2)
})

test('what is right is taken, one of a problem', async () => {
  const run = stage((_, { answer }) => answer, YAML.replace('share: 0.5', 'share: 1'))
  await run.go()
  expect(run.asked).toHaveLength(4)
  expect(run.fates()).toEqual(['accepted', 'accepted', expect.stringMatching(/duplicate|over-cap/), expect.any(String)])
  expect(run.notes()).toEqual(['Iteration 0: 2 of 4 hinted samples are trained on, without the hint; 0 lean on it.'])
  run.asked.length = 0
  await run.go()
  expect(run.asked).toEqual([])
})

test('what is wrong, cut, or speaks of the hint is not', async () => {
  const run = stage(
    ({ key }, { answer }) => {
      if (key.index === 1) return { text: answer, finishReason: 'length' }
      return key.problem === 'train/4' ? 'wrong' : answer
    },
    YAML.replace('share: 0.5', 'share: 1'),
  )
  await run.go()
  expect(run.fates().filter((fate) => fate === 'accepted')).toHaveLength(1)
  expect(run.fates().filter((fate) => fate === 'truncated')).toHaveLength(2)
  expect(run.fates().filter((fate) => fate === 'wrong')).toHaveLength(1)
})

test('nothing is asked without a share, or where nothing was asked often enough in vain', async () => {
  const none = stage((_, { answer }) => answer, '')
  await none.go()
  const patient = stage((_, { answer }) => answer, YAML.replace('after: 2', 'after: 3'))
  await patient.go()
  expect([...none.asked, ...patient.asked]).toEqual([])
})

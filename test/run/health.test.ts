/** A checkpoint that was ruined by its training: the monitors say how, with the answers as evidence. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ended, runCommand } from '../loop/command.ts'
import { makeWorkplace, removeWorkplace, SMALL_TOY } from '../loop/killing.ts'
import { statusIn } from '../loop/workplace.ts'

let folder: string

beforeAll(() => {
  folder = makeWorkplace(SMALL_TOY)
})
afterAll(() => removeWorkplace(folder))

const command = (...args: string[]): Promise<Ended> => runCommand(args, { cwd: folder })

test('a learning rate that ruins the model shows in its answers, and the iteration is rejected', async () => {
  const ruin = [
    'train={kind: embedded, lr: 3}',
    'budget.iterations=1',
    'gate.onFail=rollback',
    'evaluate.samples=2',
    'problems.evaluate=[]',
  ]
  const ended = await command('run', 'run.yaml', '--quiet', ...ruin.flatMap((set) => ['--set', set]))
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  const events = readFileSync(join(folder, 'runs', 'small', 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  const health = events.map((line) => JSON.parse(line)).find((event) => event.kind === 'health')
  expect(health).toMatchObject({ iteration: 0, problems: 60, samples: 2 })
  expect(health.symptoms.length).toBeGreaterThan(0)
  const { iterations } = statusIn(folder, 'small')
  expect(iterations[0]).toMatchObject({ state: 'rejected', health: { passAtK: health.passAtK, tokens: health.tokens } })
})

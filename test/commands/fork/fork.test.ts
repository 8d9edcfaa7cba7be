/** The past of a run, taken up again: what was done stays, what follows is what would have followed. */

import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunStatus } from '../../../src/core/status.ts'
import { type Ended, runCommand } from '../../loop/command.ts'
import { makeWorkplace, outcomeOf, removeWorkplace, SMALL_TOY } from '../../loop/killing.ts'
import { statusIn } from '../../loop/workplace.ts'

let folder: string
let undisturbed: ReturnType<typeof outcomeOf>

const command = (...args: string[]): Promise<Ended> => runCommand(args, { cwd: folder })

beforeAll(async () => {
  folder = makeWorkplace(SMALL_TOY)
  expect(await command('run', 'run.yaml', '--quiet')).toMatchObject({ code: 0 })
  undisturbed = outcomeOf(folder)
})
afterAll(() => removeWorkplace(folder))

async function statusOf(run: string): Promise<RunStatus> {
  return statusIn(folder, run)
}

test('a fork continues from its iteration with what was changed, and its run stays as it was', async () => {
  const forked = await command('fork', 'small', '--at', '1', '--name', 'steeper', '--set', 'budget.policy.growth=3')
  expect(forked).toMatchObject({ code: 0, stdout: `${join(folder, 'runs', 'steeper')}\n` })
  const before = await statusOf('steeper')
  expect(before.state).toBe('interrupted')
  expect(before.iterations.map((row) => row.accepted)).toEqual([60])
  expect(await command('run', 'steeper', '--quiet')).toMatchObject({ code: 0 })
  const [first, second] = (await statusOf('steeper')).iterations
  const original = await statusOf('small')
  expect(first).toEqual(original.iterations[0])
  expect(second).toMatchObject({ accepted: 180, state: 'done' })
  expect(outcomeOf(folder)).toEqual(undisturbed)
})

test('rolled back and run again, a run ends as it had ended, and what came after lies next to it', async () => {
  const { code, stdout } = await command('rollback', 'small', '--to', '0')
  expect(code).toBe(0)
  expect(existsSync(stdout.trim())).toBe(true)
  expect((await statusOf('small')).iterations.map((row) => row.iteration)).toEqual([0])
  expect(readdirSync(join(folder, 'runs', 'small', 'checkpoints'))).toEqual(['00'])
  expect(await command('run', 'small', '--quiet')).toMatchObject({ code: 0 })
  expect(outcomeOf(folder)).toEqual(undisturbed)
})

test.each([
  [['fork', 'small', '--at', '7'], 'no finished iteration 6 in this run: finished are 0 to 1'],
  [['fork', 'small', '--at', '1', '--dir', 'runs/small'], 'is there already'],
  [['fork', 'small', '--at', '1', '--name', 'x', '--set', 'problems.train=[]'], 'problems'],
  [['fork', 'small', '--at', '1', '--name', 'small', '--dir', 'runs/x'], 'is the name of the run itself'],
  [['rollback', 'small', '--to', '9'], 'no finished iteration 9'],
  [['rollback', 'small', '--to', 'x'], 'whole number'],
])('%j is refused in one sentence and leaves nothing', async (args, sentence) => {
  const { code, stderr } = await command(...args)
  expect(code).toBe(2)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(sentence)
  expect(readdirSync(join(folder, 'runs')).filter((name) => name === 'x' || name.startsWith('.'))).toEqual([])
})

test('a checkpoint that was deleted is said to be gone', async () => {
  const checkpoint = join(folder, 'runs', 'small', 'checkpoints', '00')
  renameSync(checkpoint, `${checkpoint}.away`)
  const { code, stderr } = await command('fork', 'small', '--at', '1', '--name', 'y')
  expect({ code, said: stderr }).toEqual({ code: 2, said: expect.stringContaining('keep.last') })
  rmSync(`${checkpoint}.away`, { recursive: true })
})

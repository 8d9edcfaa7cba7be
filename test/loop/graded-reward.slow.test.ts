/** A graded reward end to end: what was kept by chance once is kept again, after a kill, in a fork, rolled back, and when verified again. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { type Ended, runCommand } from './command.ts'
import { makeWorkplace, removeWorkplace, runUnderKills } from './killing.ts'

/** Grades by the text alone: the part of its letters that are digits, doubled. */
const GRADER = `import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { id, pred } = JSON.parse(line)
  const digits = (pred.match(/[0-9]/g) ?? []).length
  console.log(JSON.stringify({ id, verdict: digits % 2 ? 'correct' : 'incorrect', reward: Math.min(1, (2 * digits) / Math.max(1, pred.length)) }))
}`

const YAML = `name: small
problems: { train: [{ dataset: steps, count: 400 }] }
sample: { kind: embedded, maxTokens: 60 }
budget: { policy: { kind: exponential, initial: 50, growth: 2 }, iterations: 2 }
accept: { by: reward }
verify: { command: [${JSON.stringify(process.execPath)}, grade.mjs], commandFor: all }
`

interface Kept {
  readonly iteration: number
  readonly problem: string
  readonly idx: number
  readonly kind: string
  readonly reward: number
}

/** What was accepted, in order. */
function kept(folder: string, name = 'small'): Kept[] {
  const db = openDatabase(join(folder, 'runs', name, DATABASE_FILE), { readonly: true })
  try {
    return db
      .prepare<[], Kept>(
        `select c.iteration, p.id as problem, c.idx, v.kind, v.reward from disposition d join completion c on c.id = d.completion
          join problem p on p.number = c.problem join verdict v on v.completion = c.id
          where d.disposition = 'accepted' order by c.iteration, c.issue`,
      )
      .all()
  } finally {
    db.close()
  }
}

function makeGraded(): string {
  const made = makeWorkplace(YAML)
  writeFileSync(join(made, 'grade.mjs'), GRADER)
  return made
}

let folder = ''
let undisturbed: Kept[] = []
let lifeMs = 0
const command = (...args: string[]): Promise<Ended> => runCommand(args, { cwd: folder })

beforeAll(async () => {
  folder = makeGraded()
  const startedAt = performance.now()
  expect(await command('run', 'run.yaml', '--json')).toMatchObject({ code: 0, stderr: '' })
  lifeMs = performance.now() - startedAt
  undisturbed = kept(folder)
}, 240_000)
afterAll(() => removeWorkplace(folder))

test('n_t is met, by the reward and not by the verdict', () => {
  expect(undisturbed.filter(({ iteration }) => iteration === 0)).toHaveLength(50)
  expect(undisturbed.filter(({ iteration }) => iteration === 1)).toHaveLength(100)
  expect(new Set(undisturbed.map(({ kind }) => kind))).toEqual(new Set(['correct', 'incorrect']))
  // Kept with its probability: what is kept has more than a third of digits on average, and few are sure.
  expect(undisturbed.every(({ reward }) => reward > 0)).toBe(true)
  expect(undisturbed.some(({ reward }) => reward < 1)).toBe(true)
})

test.each([1, 2])(
  'killed at six moments (seed %i) and resumed, it keeps the same',
  async (seed) => {
    const killed = makeGraded()
    try {
      const run = await runUnderKills(killed, { kills: 6, lifeMs, random: createRandom(seed) })
      expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
      expect(kept(killed)).toEqual(undisturbed)
    } finally {
      removeWorkplace(killed)
    }
  },
  600_000,
)

test('a fork with nothing changed keeps the same in the iteration that it runs again', async () => {
  expect(await command('fork', 'small', '--at', '1', '--name', 'again')).toMatchObject({ code: 0 })
  expect(await command('run', 'again', '--quiet')).toMatchObject({ code: 0 })
  expect(kept(folder, 'again')).toEqual(undisturbed)
}, 240_000)

test('verified again, the run keeps the same, and so it does rolled back and run on the new verdicts', async () => {
  const again = await command('reverify', 'small', '--json')
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(again.stdout)).toMatchObject({ flips: [] })
  expect(kept(folder)).toEqual(undisturbed)
  expect(await command('rollback', 'small', '--to', '0')).toMatchObject({ code: 0 })
  expect(await command('run', 'small', '--quiet')).toMatchObject({ code: 0 })
  expect(kept(folder)).toEqual(undisturbed)
}, 240_000)

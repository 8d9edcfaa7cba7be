/** Samples next to n_t: hints and probes are drawn, decided, paid for and shown, and caps stop them like any other. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunStatus } from '../../src/core/status.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { readRun } from './database.ts'
import { createWorkplace, makeProblems, toRows, type Workplace } from './workplace.ts'

let place: Workplace
let server: TestServer

beforeAll(async () => {
  place = createWorkplace()
  const problems = makeProblems(80)
  place.write('train.jsonl', toRows(problems))
  server = await createTestServer({ problems, modelNames: ['base'], skill: -1.5, seed: 5 })
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function write(folder: string, more: string, budget = ''): void {
  place.write(
    `${folder}/run.yaml`,
    `name: small
problems: { train: [{ dataset: jsonl, path: ../train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], maxTokens: 100 }
budget: { iterations: 1, policy: { kind: constant, initial: 100 }${budget} }
${more}
`,
  )
}

const run = (folder: string, ...flags: readonly string[]) =>
  place.run(['run', `${folder}/run.yaml`, '--dir', `${folder}/runs/small`, '--quiet', ...flags])

async function statusOf(folder: string): Promise<RunStatus> {
  return place.status(`${folder}/runs/small`)
}

test('problems that were never solved are asked with a hint, what is right and silent about it is trained on without it, and a probe sets the temperature', async () => {
  write(
    'extras',
    `probe: { temperatures: [0.3, 1], problems: 20, samples: 2 }
rationalize: { share: 0.5, after: 1, samples: 2 }`,
    ', allocation: { kind: until-k, correct: 4 }',
  )
  // A cap in the midst of it all: what is there stays, and the run continues from it.
  expect((await run('extras', '--set', 'budget.caps.samples=60')).code).toBe(4)
  expect(await run('extras')).toMatchObject({ code: 0 })
  const { rows, count } = readRun(place.at('extras/runs/small'))
  expect(count("select count(*) from completion where purpose = 'probe'")).toBe(80)
  const [probe] = rows('select temperature, scores from probe')
  expect([0.3, 1]).toContain(probe?.temperature)
  expect(JSON.parse(String(probe?.scores))).toHaveLength(2)

  // Nobody who has ever been solved gets a hint, and at most half of n_t are drawn.
  expect(
    count(`select count(*) from completion h join completion c on c.problem = h.problem join verdict v on v.completion = c.id
      where h.purpose = 'hint' and c.purpose = 'train' and v.kind = 'correct' and c.finish_reason = 'stop'
        and c.issue <= (select max(issue) from completion c join disposition d on d.completion = c.id
          where c.purpose = 'train' and d.disposition = 'accepted')`),
  ).toBe(0)
  const hints = count("select count(*) from completion where purpose = 'hint'")
  expect(hints).toBeGreaterThan(10)
  expect(hints).toBeLessThanOrEqual(50)
  const hinted = count(
    "select count(*) from completion c join disposition d on d.completion = c.id where purpose = 'hint' and disposition = 'accepted'",
  )
  expect(hinted).toBeGreaterThan(0)

  const dataset = readFileSync(place.at('extras/runs/small/iterations/00/dataset.jsonl'), 'utf8').trim().split('\n')
  expect(dataset).toHaveLength(100 + hinted)
  expect(dataset.join('\n')).not.toContain('Hint')

  const exported = async (origin: string): Promise<number> => {
    const args = ['export', 'extras/runs/small', '--out', 'extras/out.jsonl', '--origin', origin]
    return (JSON.parse((await place.run(args)).stdout) as { rows: number }).rows
  }
  expect([await exported('hinted'), await exported('sampled')]).toEqual([hinted, 100])
  expect(readFileSync(place.at('extras/out.jsonl'), 'utf8')).not.toContain('"hinted"')
  expect(await exported('all')).toBe(100 + hinted)
  const marks = readFileSync(place.at('extras/out.jsonl'), 'utf8').match(/"hinted":(true|false)\}$/gm) ?? []
  expect(marks).toHaveLength(100 + hinted)
  expect(marks.filter((mark) => mark.includes('true'))).toHaveLength(hinted)

  const status = await statusOf('extras')
  const [row] = status.iterations
  expect(row).toMatchObject({ accepted: 100, hinted, temperature: probe?.temperature })
  expect(row?.coverage?.asked).toBe(status.problems.asked)
  expect(status.problems).toMatchObject({ count: 80, neverSolved: status.problems.asked - status.problems.solved })
  expect(status.problems.rates.reduce((sum, n) => sum + n, 0)).toBe(status.problems.asked)

  // c_g for everything that was drawn, c_t for everything that is trained on; the account's sums are the totals.
  expect(status.totals.cost).toBe((row?.sampled ?? 0) + 80 + hints + 2 * (100 + hinted))
  const sum = (of: (entry: RunStatus['ledger'][number]) => number): number =>
    status.ledger.reduce((all, entry) => all + of(entry), 0)
  expect(sum((entry) => entry.cost)).toBe(status.totals.cost)
  expect(sum((entry) => entry.tokens)).toBe(status.totals.tokens)
  expect(sum((entry) => entry.seconds)).toBeCloseTo(status.totals.seconds, 6)
  expect(sum((entry) => entry.completions)).toBe(count('select count(*) from completion'))
  const text = (await place.run(['status', 'extras/runs/small'])).stdout
  expect(text).toMatch(/hint +\d+/)
  expect(text).toMatch(/Problems: \d+ of 80 asked, \d+ solved/)
})

test.each([
  ['tokens', 3000],
  ['cost', 150],
  ['seconds', 0.01],
] as const)(
  'a cap on %s ends the run with exit code 4, says how to raise it, and raised it continues',
  async (cap, limit) => {
    write(cap, '')
    const ended = await run(cap, '--set', `budget.caps.${cap}=${limit}`)
    expect(ended.code).toBe(4)
    expect(ended.stderr).toContain(`The cap of ${limit} ${cap} is reached`)
    expect(ended.stderr).toContain(`--set budget.caps.${cap}=N`)
    expect((await statusOf(cap)).state).toBe('capped')
    expect(await run(cap, '--set', `budget.caps.${cap}=null`)).toMatchObject({ code: 0 })
    const status = await statusOf(cap)
    expect(status.iterations[0]).toMatchObject({ accepted: 100, state: 'training' })
  },
)

test('the plan prices probes and hints, and says where looking first leaves nothing to follow', async () => {
  write(
    'planned',
    `probe: { temperatures: [0.3, 1], problems: 20, samples: 2 }
rationalize: { share: 0.25 }`,
    ', allocation: { kind: variance, presamples: 8 }',
  )
  const { code, stdout, stderr } = await place.run(['plan', 'planned/run.yaml', '--rate', '0.5'])
  expect(code).toBe(0)
  // (200 + 80 + 25) + 2 (100 + 25)
  expect(stdout).toMatch(/^ *total +100 +200 +555$/m)
  expect(stdout).toContain(
    "In each iteration's cost: 80 samples to choose among 2 temperatures; at most 0.25 n_t hinted samples",
  )
  expect(stderr).toContain('8 samples of each of 80 problems, 640 in all, and iteration 0 needs about 200')
})

test('traces longer than accept.maxTokens do not count, and are told apart everywhere', async () => {
  write('long', 'accept: { maxTokens: 24, deduplicate: none }')
  expect(await run('long')).toMatchObject({ code: 0 })
  const { count } = readRun(place.at('long/runs/small'))
  const of = (disposition: string, more: string): number =>
    count(`select count(*) from completion c join disposition d on d.completion = c.id join verdict v on v.completion = c.id
      where d.disposition = '${disposition}' ${more}`)
  expect(of('accepted', '')).toBe(100)
  expect(of('accepted', 'and c.completion_tokens > 24')).toBe(0)
  const tooLong = of('too-long', '')
  expect(tooLong).toBeGreaterThan(0)
  expect(of('too-long', "and c.completion_tokens > 24 and v.kind = 'correct'")).toBe(tooLong)

  const status = await statusOf('long')
  expect(status.totals.tooLong).toBe(tooLong)
  expect(status.iterations[0]?.acceptanceRate).toBeCloseTo((100 + of('surplus', '')) / status.totals.sampled, 10)
  const read = await place.run(['traces', 'long/runs/small', '--disposition', 'too-long', '--sample', '1000', '--json'])
  expect(read.stdout.trim().split('\n')).toHaveLength(tooLong)
  expect((await place.run(['status', 'long/runs/small'])).stdout).toContain(`${tooLong} too long`)

  // A bound that came later is counted by those who verify again; what was trained on stays.
  const past = await place.run(['reverify', 'long/runs/small', '--json'])
  expect(JSON.parse(past.stdout)).toMatchObject({ acceptedTooLong: 0 })
})

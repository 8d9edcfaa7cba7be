/** Skew is found before anything trains: a recipe that counts other tokens than the server ends the run in one sentence. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { startRayJobsServer } from '../../server/ray-jobs-server.ts'
import { createWorkplace, makeProblems, toRows, trainCommand, type Workplace, writeBase } from '../workplace.ts'

/** Tells as many tokens as the test server does, one more where it is asked to; trains as the test recipe does. */
const RECIPE = `
const { spawnSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const [more, program, ...args] = process.argv.slice(2)
if (!args.includes('--check-tokens')) process.exit(spawnSync(program, args, { stdio: 'inherit' }).status ?? 1)
for (const line of readFileSync(args[args.indexOf('--dataset') + 1], 'utf8').trim().split('\\n')) {
  const { prompt, completion } = JSON.parse(line)
  const tokens = (text, more) => Array(Math.ceil(text.length / 4) + more).fill(1)
  const [asked, said] = [prompt, completion].map((part) => (typeof part === 'string' ? part : part[0].content))
  const told = { event: 'tokens', prompt: tokens(asked, Number(more)), completion: tokens(said, 1), kept: true }
  console.log('@@sft ' + JSON.stringify(told))
}
`

let place: Workplace
let server: TestServer

beforeAll(async () => {
  place = createWorkplace()
  place.write('train.jsonl', toRows(makeProblems(60)))
  place.write('train_sft.py', RECIPE)
  writeBase(place, 1)
  server = await createTestServer({ modelNames: ['base'], skill: 1, problems: makeProblems(60) })
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function write(name: string, more: number, base = ''): void {
  const command = [process.execPath, 'train_sft.py', String(more), ...trainCommand()]
  place.write(
    `${name}.yaml`,
    `name: ${name}
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }]${base} }
budget: { policy: { kind: constant, initial: 20 }, iterations: 1 }
train: { kind: command, command: ${JSON.stringify(command)} }
serve: external
`,
  )
}

test.concurrent('a trainer that agrees with the server trains', async () => {
  write('agrees', 0)
  const { code, stderr, stdout } = await place.run(['run', 'agrees.yaml', '--json'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toContain('Server and trainer agree on 6 completions, by the number of their tokens.')
})

const hasPython = spawnSync('python3', ['-c', 'import fcntl']).status === 0

test.skipIf(!hasPython)(
  'on a cluster the recipe is asked in a job, where its libraries are (needs python3)',
  { concurrent: true },
  async ({ onTestFinished }) => {
    const ray = await startRayJobsServer()
    onTestFinished(() => ray.close())
    const section = `kind: ray, address: "${ray.address}", cpus: 1, pollSeconds: 0.1`
    const yaml = (name: string, more: number): void => {
      write(name, more)
      place.write(`${name}.yaml`, readFileSync(place.at(`${name}.yaml`), 'utf8').replace('kind: command', section))
    }
    yaml('there', 0)
    const { code, stderr, stdout } = await place.run(['run', 'there.yaml', '--json'])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('Server and trainer agree on 6 completions')
    expect([...ray.jobs.keys()].map((id) => id.match(/-(probe|train)-/)?.[1])).toEqual(['probe', 'train'])
    yaml('elsewhere', 1)
    expect(await place.run(['run', 'elsewhere.yaml'])).toMatchObject({ code: 1 })
    expect([...ray.jobs.keys()].filter((id) => id.includes('-train-'))).toHaveLength(1)
    place.write(
      'broken.yaml',
      readFileSync(place.at('there.yaml'), 'utf8')
        .replace('name: there', 'name: broken')
        .replace('"0"', '"0","/nowhere"')
        .replace('train_sft.py', 'no/train_sft.py'),
    )
    expect(await place.run(['run', 'broken.yaml'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'The trainer does not tell the tokens that it would train on (its job ended with 1;',
      ),
    })
  },
)

test.concurrent('doctor says whether they agree, before there is a run', async () => {
  write('well', 0)
  write('unwell', 1)
  const [well, unwell] = await Promise.all([place.run(['doctor', 'well.yaml']), place.run(['doctor', 'unwell.yaml'])])
  expect(well.stdout).toContain('Server and trainer agree on 3 completions, by the number of their tokens.')
  expect(unwell.stdout).toContain('Server and trainer disagree about the tokens of a prompt')
  expect(unwell.code).toBe(1)
})

test.concurrent('one that does not is told before it trains, and again at the next start', async () => {
  write('differs', 1)
  for (let start = 0; start < 2; start++) {
    const { code, stderr } = await place.run(['run', 'differs.yaml', '--quiet'])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /Server and trainer disagree about the tokens of a prompt \(\d+ on the server, \d+ in the trainer\)/,
    )
  }
  expect(existsSync(place.at('runs/differs/checkpoints/00'))).toBe(false)
  const ignoring = await place.run(['run', 'differs.yaml', '--quiet', '--set', 'train.checkTokens=false'])
  expect(ignoring).toMatchObject({ code: 0, stderr: '' })
})

test.concurrent('a base model is asked in text, compared in text, and trained on text', async () => {
  write('text', 0, ', api: completions, stop: ["\\nQuestion:"]')
  const { code, stderr, stdout } = await place.run(['run', 'text.yaml', '--json'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toContain('Server and trainer agree on 6 completions, by the number of their tokens.')
  const rows = readFileSync(place.at('runs/text/iterations/00/dataset.jsonl'), 'utf8').trim().split('\n')
  expect(rows).toHaveLength(20)
  for (const row of rows) {
    expect(JSON.parse(row)).toEqual({ prompt: expect.stringMatching(/^What is/), completion: expect.any(String) })
  }
  expect((await place.run(['doctor', 'text.yaml'])).stdout).toContain('Server and trainer agree on 3 completions')
})

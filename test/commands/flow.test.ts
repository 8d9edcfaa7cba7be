/** A new user's way through the commands, from an empty folder to a dataset and a report. */

import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finding } from '../../src/core/finding.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { startCommand } from '../loop/command.ts'
import { readRun } from '../loop/database.ts'
import {
  createWorkplace,
  freePort,
  makeProblems,
  serveCommand,
  trainCommand,
  type Workplace,
} from '../loop/workplace.ts'
import { programPath } from '../program.ts'
import type { KnownProblem } from '../server/problem-book.ts'
import { ITERATION, PLAN, PLANNED, STATUS } from './read/status-shape.ts'

const TRAIN = makeProblems(120)
const GATE = 20
const TEST = makeProblems(25, 5000)
const NAME = 'gsm8k-exponential'
const TARGETS = [20, 40]

let place: Workplace
let sets: string[] = []

beforeAll(() => {
  place = createWorkplace()
})
afterAll(() => place.remove())

function gsm8kRows(problems: readonly KnownProblem[]): string {
  return problems
    .map(({ question, answer }) => `${JSON.stringify({ question, answer: `Add the two.\n#### ${answer}` })}\n`)
    .join('')
}

async function json<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await place.run(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

test('init writes a run.yaml with what it names, and says what is still needed', async () => {
  const { code, stdout, stderr } = await place.run(['init', 'project', '--preset', 'vllm'])
  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toContain('project/run.yaml')
  for (const file of stdout.trim().split('\n')) expect(existsSync(place.at(file))).toBe(true)
  expect(stderr).toMatch(
    /Still needed: data\/gsm8k\/train\.jsonl, data\/gsm8k\/test\.jsonl\nNext:\n {2}spendwise doctor project\/run\.yaml/,
  )

  place.write('project/data/gsm8k/train.jsonl', gsm8kRows(TRAIN))
  place.write('project/data/gsm8k/test.jsonl', gsm8kRows(TEST))
  place.write('project/models/base/skill.json', '{"skill": 0.4}')
  const serve = serveCommand('data/gsm8k/train.jsonl', ['--problems', 'data/gsm8k/test.jsonl', '--truncate', '0.05'])
  const values = {
    'problems.gate.0.take': `last-${GATE}`,
    'sample.endpoints.0.baseURL': `http://127.0.0.1:${await freePort()}/v1`,
    'sample.maxTokens': 128,
    'budget.policy.initial': TARGETS[0],
    'budget.iterations': TARGETS.length,
    'train.command': JSON.stringify(trainCommand(['--warmup-steps', '{warmup}'])),
    'serve.kind': 'restart',
    'serve.command': JSON.stringify(serve),
    'serve.readySeconds': 300,
    'gate.onFail': 'continue',
  }
  sets = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`])
})

test('doctor reaches the server and the trainer, shows what will be sent, and changes nothing', async () => {
  const before = readdirSync(place.folder, { recursive: true })
  const findings = await json<Finding[]>('doctor', 'project/run.yaml', ...sets, '--json')
  expect(findings.filter(({ level }) => level !== 'ok' && level !== 'note')).toEqual([])
  expect([...new Set(findings.map(({ subject }) => subject))]).toEqual(
    expect.arrayContaining(['config', 'problems', 'prompt', 'endpoint', 'completion', 'trainer', 'disk']),
  )
  expect(findings.find(({ subject }) => subject === 'prompt')?.detail).toContain(TRAIN[0]?.question)
  expect(findings.filter(({ subject, detail }) => subject === 'completion' && detail)).toHaveLength(3)
  expect(readdirSync(place.folder, { recursive: true })).toEqual(before)
})

test('plan tells what is asked for and contacts nothing', async () => {
  const plan = await json<{ iterations: unknown[]; totals: unknown }>('plan', 'project/run.yaml', ...sets, '--json')
  expect(plan).toEqual(PLAN)
  expect(plan.iterations).toEqual(TARGETS.map(() => PLANNED))
  expect(plan).toMatchObject({
    iterations: TARGETS.map((accepted, iteration) => ({ iteration, accepted, expectedSamples: null, cost: null })),
    totals: { accepted: 60, samples: null, cost: null },
  })
  expect(existsSync(place.at('runs'))).toBe(false)
})

test('run goes through; its talk is on stderr, its stdout is empty', async () => {
  const { code, stdout, stderr } = await place.run(['run', 'project/run.yaml', ...sets])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain('iteration 1: done')
  expect(stderr).not.toMatch(ESCAPE)
  expect(existsSync(place.at('runs', NAME, 'report.html'))).toBe(true)
})

test('status has every field of its shape, by folder, by name and by run.yaml', async () => {
  const status = await json<RunStatus>('status', NAME, '--json')
  expect(status).toEqual(STATUS)
  expect(status.iterations).toEqual(TARGETS.map(() => ITERATION))
  expect(status).toMatchObject({
    name: NAME,
    state: 'done',
    base: { evaluation: { n: TEST.length, greedy: { n: TEST.length } } },
  })
  expect(status.iterations.map(({ accepted }) => accepted)).toEqual(TARGETS)
  expect(status.iterations.map(({ checkpoint }) => checkpoint)).toMatchObject([
    { path: 'checkpoints/00', weights: 'proven' },
    { path: 'checkpoints/01', weights: 'proven' },
  ])
  for (const { evaluation } of [...status.iterations, status.base]) {
    expect(evaluation?.low).toBeLessThanOrEqual(evaluation?.accuracy ?? 0)
    expect(evaluation?.high).toBeGreaterThanOrEqual(evaluation?.accuracy ?? 1)
  }
  expect(await json('status', `runs/${NAME}`, '--json')).toEqual(status)
  expect(await json('status', place.at('runs', NAME), '--json')).toEqual(status)
  expect(await json('status', 'project/run.yaml', '--json')).toEqual(status)
  const { stdout, stderr } = await place.run(['status', NAME])
  expect(stderr).toBe('')
  expect(stdout).toContain('60 traces accepted')
  expect(stdout).not.toMatch(ESCAPE)
})

test('plan knows the measured rate of a run that has begun', async () => {
  const plan = await json<{ iterations: { expectedSamples: number }[] }>('plan', NAME, '--json')
  expect(plan.iterations).toEqual(TARGETS.map(() => PLANNED))
  for (const [i, row] of plan.iterations.entries()) expect(row.expectedSamples).toBeGreaterThan(TARGETS[i] ?? 0)
})

test('traces are read one by one, filtered and drawn', async () => {
  const lines = async (...args: string[]): Promise<{ verdict: string; text: string; iteration: number }[]> =>
    (await place.run(['traces', NAME, '--json', ...args])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const wrong = await lines('--verdict', 'incorrect')
  expect(wrong.length).toBeGreaterThan(5)
  expect(wrong.every(({ verdict }) => verdict === 'incorrect')).toBe(true)
  expect(await lines('--verdict', 'incorrect', '--sample', '3')).toHaveLength(3)
  expect(await lines('--disposition', 'accepted', '--iteration', '1')).toHaveLength(40)
  expect(await lines('--purpose', 'evaluate', '--iteration=-1')).toHaveLength(TEST.length)
  const read = await place.run(['traces', NAME, '--disposition', 'truncated'])
  expect(read.code).toBe(0)
  expect(read.stdout.length + read.stderr.length).toBeGreaterThan(0)
  expect(await place.run(['traces', NAME, '--problem', 'nobody'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'No trace fits.\n',
  })
})

test.each(['messages', 'prompt-completion'] as const)(
  'export as %s gives every accepted trace, byte for byte, and train problems only',
  async (format) => {
    const out = place.at(`${format}.jsonl`)
    const told = await place.run(['export', NAME, '--format', format, '--out', out])
    expect(JSON.parse(told.stdout)).toMatchObject({ path: out, rows: 60 })
    const rows = readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const stored = readRun(place.at('runs', NAME)).rows(`
    select p.question, p.split, c.text from disposition d join completion c on c.id = d.completion join problem p on p.number = c.problem
    where d.disposition = 'accepted' order by c.iteration, c.issue`)
    expect(stored).toHaveLength(60)
    expect(rows.map((row) => (row.messages ?? row.completion).at(-1))).toEqual(
      stored.map(({ text }) => ({ role: 'assistant', content: text })),
    )
    const asked: string[] = rows.map((row) => (row.messages ?? row.prompt)[0].content)
    expect(asked.every((content, i) => content.includes(String(stored[i]?.question)))).toBe(true)
    expect(stored.every(({ split }) => split === 'train')).toBe(true)
    for (const { question } of [...TRAIN.slice(-GATE), ...TEST]) {
      expect(asked.some((content) => content.includes(question))).toBe(false)
    }
    expect(Object.keys(rows[0])).toEqual(format === 'messages' ? ['messages'] : ['prompt', 'completion'])
  },
)

test('report writes one file and prints where it is', async () => {
  const { code, stdout, stderr } = await place.run(['report', NAME, '--out', place.at('mine.html')])
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${place.at('mine.html')}\n`, stderr: '' })
  expect(readFileSync(place.at('mine.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/i)
})

test('doctor leaves the server of a run that is under way alone', async () => {
  let sampling = (): void => undefined
  const underWay = new Promise<void>((resolve) => (sampling = resolve))
  const slow = JSON.stringify(serveCommand('data/gsm8k/train.jsonl', ['--service-rate', '4']))
  const more = [...sets, '--set', `serve.command=${slow}`, '--set', 'problems.evaluate=[]', '--set', 'problems.gate=[]']
  const run = startCommand(
    ['run', 'project/run.yaml', ...more, '--set', 'name=busy', '--set', 'budget.iterations=1', '--json'],
    {
      cwd: place.folder,
      onLine: (line) => line.includes('"kind":"sampling"') && sampling(),
    },
  )
  await underWay
  const doctor = await place.run(['doctor', 'busy', '--json'])
  expect(doctor.code).toBe(0)
  expect(JSON.parse(doctor.stdout)).toContainEqual({
    level: 'note',
    subject: 'completion',
    text: expect.stringContaining('The run is under way'),
  })
  // Nothing of the run but its end is left to see, and Ctrl-C brings that.
  run.child.kill('SIGINT')
  expect(await run.ended).toMatchObject({ code: 130 })
})

test('a folder that is moved stays the run: status, export, and continuing', async () => {
  const before = await json<RunStatus>('status', NAME, '--json')
  renameSync(place.at('runs', NAME), place.at('elsewhere'))
  expect(await json('status', 'elsewhere', '--json')).toEqual(before)
  await place.run(['export', 'elsewhere', '--format', 'messages', '--out', place.at('moved.jsonl')])
  expect(readFileSync(place.at('moved.jsonl'))).toEqual(readFileSync(place.at('messages.jsonl')))

  const ended = await place.run(['run', 'elsewhere', '--set', 'budget.iterations=3', '--json'])
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  for (const line of ended.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('kind')
  const after = await json<RunStatus>('status', 'elsewhere', '--json')
  expect(after.iterations.slice(0, 2)).toEqual(before.iterations)
  expect(after.iterations[2]).toMatchObject({ state: 'done', accepted: 80, checkpoint: { path: 'checkpoints/02' } })
  expect(existsSync(place.at('elsewhere/checkpoints/02/skill.json'))).toBe(true)
  expect(existsSync(place.at('runs', NAME))).toBe(false)
})

test.each([
  ['traces', 'traces elsewhere --json', 1],
  ['status', 'status elsewhere', 1],
  ['the events of a run', 'run elsewhere --json', 1],
  ['help', '--help', 1],
])('a reader who leaves after the first line of %s is no error', async (_, args, lines) => {
  const { code, stdout, stderr } = await shell(`"$NODE" "$BIN" ${args} | head -${lines}; exit "\${PIPESTATUS[0]}"`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.split('\n')).toHaveLength(lines + 1)
})

test('progress that nobody reads is no error either', async () => {
  const { code } = await shell(
    `"$NODE" "$BIN" run elsewhere 2>&1 >/dev/null | head -1 >/dev/null; exit "\${PIPESTATUS[0]}"`,
  )
  expect(code).toBe(0)
})

test.skipIf(!existsSync('/usr/bin/script'))(
  'on a terminal there are colours, and none where NO_COLOR is set',
  async () => {
    const onTerminal = (env: string): Promise<Shell> =>
      shell(`script -qec '${env} "$NODE" "$BIN" status elsewhere' /dev/null`)
    expect((await onTerminal('env -u NO_COLOR TERM=xterm')).stdout).toMatch(ESCAPE)
    expect((await onTerminal('NO_COLOR=1 TERM=xterm')).stdout).not.toMatch(ESCAPE)
  },
)

const ESCAPE = new RegExp(String.fromCharCode(27))

interface Shell {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function shell(command: string): Promise<Shell> {
  const env = { ...process.env, NODE: process.execPath, BIN: programPath() }
  return new Promise((resolve) => {
    execFile('bash', ['-c', command], { cwd: place.folder, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

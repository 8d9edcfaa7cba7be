import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programPath } from '../../program.ts'

const program = programPath()
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spendwise-verify-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function spendwise(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'verify', ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

async function pairsFile(name: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, lines.join('\n'))
  return file
}

describe('one pair', () => {
  test('is explained in words', async () => {
    const { code, stdout, stderr } = await spendwise('1/2', 'So $\\boxed{\\frac{7}{14}}$.')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('verdict  correct\n')
    expect(stdout).toContain('rule     number (exact): both sides are numbers and were compared exactly\n')
    expect(stdout).toContain('answer   \\frac{7}{14} (extract:boxed) read as number 1/2\n')
  })

  test('is explained as JSON', async () => {
    const { code, stdout } = await spendwise('72', 'A: 70', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'incorrect', rule: 'number', answer: { extracted: '70' } })
  })

  test('may start with a minus behind --', async () => {
    const { code, stdout } = await spendwise('--', '-5', '-5.0')
    expect({ code, verdict: stdout.split('\n')[0] }).toEqual({ code: 0, verdict: 'verdict  correct' })
  })

  test('cannot write to the terminal what it should not', async () => {
    const { stdout } = await spendwise('5', 'A: \u001b[2J7')
    expect(stdout).not.toContain('\u001b')
  })

  test('needs both sides', async () => {
    expect(await spendwise('5')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('GOLD and ANSWER'),
    })
  })
})

describe('a file of pairs', () => {
  const lines = Array.from({ length: 5_000 }, (_, n) =>
    JSON.stringify({ id: n % 2 === 0 ? n : `p${n}`, gold: `${n}`, pred: n % 3 === 0 ? 'no\nidea' : `#### ${n}.0` }),
  )

  test('gives one verdict a line, in order, on stdout', async () => {
    const { code, stdout, stderr } = await spendwise('--pairs', await pairsFile('pairs.jsonl', lines))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const rows: Record<string, unknown>[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map(({ id }) => id)).toEqual(lines.map((line) => JSON.parse(line).id))
    expect(rows[0]).toMatchObject({ id: 0, verdict: 'no-answer', rule: 'extract:none', extracted: null })
    expect(rows[1]).toMatchObject({ id: 'p1', verdict: 'correct', rule: 'number', extracted: '1.0' })
    expect(rows.every(({ ms }) => typeof ms === 'number')).toBe(true)
  })

  test('goes to a file, line separators inside texts and blank lines do not count as lines', async () => {
    const file = await pairsFile('odd.jsonl', [
      '{"id":"a","gold":"5","pred":"x\u2028A: 5"}\r',
      '',
      '{"id":"b","gold":"5","pred":"6"}',
    ])
    const out = join(folder, 'verdicts.jsonl')
    expect(await spendwise('--pairs', file, '--out', out, '--threads', '1')).toMatchObject({ code: 0, stdout: '' })
    const rows = (await readFile(out, 'utf8')).trimEnd().split('\n')
    expect(rows.map((row) => JSON.parse(row).id)).toEqual(['a', 'b'])
  })

  test('without a line gives no line', async () => {
    expect(await spendwise('--pairs', await pairsFile('empty.jsonl', []))).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test.each([
    ['no JSON', 'oops', /bad\.jsonl:2 {2}is not JSON/],
    ['without a field', '{"id":1,"gold":"5"}', /bad\.jsonl:2 {2}pred: .*string/],
    ['no object', '[1]', /bad\.jsonl:2 {2}the line: .*object/],
  ])('with a line that is %s names file and line and ends with 2', async (_name, line, message) => {
    const file = await pairsFile('bad.jsonl', ['{"id":1,"gold":"5","pred":"5"}', line])
    const { code, stderr } = await spendwise('--pairs', file)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  test.each([
    ['an absent file', ['--pairs', '/nowhere/pairs.jsonl'], /cannot be read/],
    ['a folder', ['--pairs', '/'], /is a folder/],
    ['file and pair together', ['--pairs', 'x.jsonl', '5', '5'], /not both/],
    ['a wrong number of threads', ['--pairs', 'x.jsonl', '--threads', '0'], /whole number/],
  ])('%s is bad usage', async (_name, args, message) => {
    const { code, stderr } = await spendwise(...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  test('an output that cannot be written is bad usage', async () => {
    const file = await pairsFile('fine.jsonl', ['{"id":1,"gold":"5","pred":"5"}'])
    const { code, stderr } = await spendwise('--pairs', file, '--out', join(folder, 'absent', 'out.jsonl'))
    expect(code).toBe(2)
    expect(stderr).toMatch(/cannot be written/)
  })
})

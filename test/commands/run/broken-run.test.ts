/** A run that meets a broken world: it stops with one sentence and the right exit code, keeps what it had, and continues once that is fixed. */

import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import type { RunStatus } from '../../../src/core/status.ts'
import { openDatabase } from '../../../src/store/open.ts'
import { MIGRATIONS } from '../../../src/store/schema.ts'
import { type Ended, runCommand, startCommand } from '../../loop/command.ts'
import {
  createWorkplace,
  makeProblems,
  serveSection,
  toRows,
  trainSection,
  type Workplace,
  writeBase,
} from '../../loop/workplace.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { expectOneSentence } from '../sentence.ts'

const PROBLEMS = makeProblems(80)
const TARGET = 30

let server: TestServer
let place: Workplace

beforeAll(async () => {
  server = await createTestServer({ problems: PROBLEMS, modelNames: ['base'], latencyMs: 5 })
  place = createWorkplace()
  place.write('problems.jsonl', toRows(PROBLEMS))
  place.write('other.jsonl', toRows(makeProblems(80, 1000)))
  place.write('run.yaml', yaml(server.baseURL))
  const ended = await place.run(['run', 'run.yaml', '--dir', 'whole', '--quiet'])
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('--checkpoint PATH|MODEL') })
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function yaml(baseURL: string, rest = 'train: none', extra = ''): string {
  return `name: broken
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${baseURL}", model: base${extra} }], concurrency: 8 }
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 1 }
${rest}
`
}

/** A copy of the run that is through with its sampling. */
function copyOfRun(name: string): string {
  cpSync(place.at('whole'), place.at(name), { recursive: true })
  return name
}

async function statusOf(run: string): Promise<RunStatus> {
  return place.status(run)
}

/** Through with its sampling: n_t accepted, and the data are there. */
async function expectWhole(run: string): Promise<void> {
  const status = await statusOf(run)
  expect(status.state).toBe('waiting')
  expect(status.iterations[0]).toMatchObject({ state: 'training', accepted: TARGET, target: TARGET })
}

function contentOf(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))))
}

describe.concurrent('the server', () => {
  test('that is not there ends the run with exit code 3, and the run continues with the right address', async () => {
    const run = ['run', 'run.yaml', '--dir', 'nobody', '--quiet']
    const ended = await place.run([...run, '--set', 'sample.endpoints.0.baseURL=http://127.0.0.1:9/v1'])
    expectOneSentence(
      ended,
      3,
      /^Nobody answers at http:\/\/127\.0\.0\.1:9\/v1 for 2 s .*; start the inference server or correct/,
    )
    expect(await statusOf('nobody')).toMatchObject({ state: 'failed', reason: ended.stderr.trim() })
    expect(await place.run(run)).toMatchObject({ code: 0 })
    await expectWhole('nobody')
  })

  test('that refuses the key is told with the variable, and the key itself is nowhere', async ({ onTestFinished }) => {
    const guarded = await createTestServer({ problems: PROBLEMS, modelNames: ['base'], apiKey: 'the-right-key' })
    onTestFinished(() => guarded.close())
    place.write('key.yaml', yaml(guarded.baseURL, 'train: none', ', apiKeyEnv: TEST_KEY'))
    const run = ['run', 'key.yaml', '--dir', 'key', '--json']
    const unset = await place.run(run, { env: { TEST_KEY: '' } })
    expectOneSentence(
      unset,
      2,
      /^The environment variable TEST_KEY is empty, and run\.yaml names it for a key \(apiKeyEnv\); set it and run again\.$/m,
    )
    const wrong = await place.run(run, { env: { TEST_KEY: 'sk-the-wrong-key' } })
    expectOneSentence(
      wrong,
      3,
      /refuses the key \(401: Unauthorized\); check the key in the environment variable TEST_KEY\.$/m,
    )
    expect(wrong.stdout + contentOf(place.at('key'))).not.toContain('sk-the-wrong-key')
    const right = await place.run(run, { env: { TEST_KEY: 'the-right-key' } })
    expect(right).toMatchObject({ code: 0, stderr: '' })
    expect(right.stdout + contentOf(place.at('key'))).not.toContain('the-right-key')
    await expectWhole('key')
  })

  test('that quotes the key it refuses does not get it written down', async ({ onTestFinished }) => {
    const parrot = createServer((request, response) => {
      const message = `Incorrect API key provided: ${request.headers.authorization}.`
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }))
    })
    await new Promise<void>((resolve) => parrot.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void parrot.close())
    const baseURL = `http://127.0.0.1:${(parrot.address() as AddressInfo).port}/v1`
    place.write('parrot.yaml', yaml(baseURL, 'train: none', ', apiKeyEnv: TEST_KEY'))
    const env = { TEST_KEY: 'sk-quoted-key' }
    const ended = await place.run(['run', 'parrot.yaml', '--dir', 'parrot', '--json'], { env })
    expectOneSentence(ended, 3, /Incorrect API key provided: Bearer \[key\]/)
    const doctor = await place.run(['doctor', 'parrot.yaml', '--json'], { env })
    expect(doctor.code).toBe(3)
    const said = [ended.stdout, doctor.stdout, doctor.stderr, contentOf(place.at('parrot'))].join('\n')
    expect(said).toContain('Incorrect API key')
    expect(said).not.toContain('sk-quoted-key')
  })

  test('that does not serve the model says what it serves', async () => {
    const run = ['run', 'run.yaml', '--dir', 'model', '--quiet']
    const ended = await place.run([...run, '--set', 'sample.endpoints.0.model=bse'])
    expectOneSentence(ended, 3, /does not serve "bse" .* but base; correct the endpoint's model/)
    expect(await place.run(run)).toMatchObject({ code: 0 })
    await expectWhole('model')
  })

  test('that does not know a single problem is not sampled for ever', async () => {
    const run = ['run', 'run.yaml', '--dir', 'barren', '--quiet']
    const sets = ['--set', 'problems.train.0.path=other.jsonl', '--set', 'sample.giveUpAfter=50']
    const ended = await place.run([...run, ...sets])
    expectOneSentence(ended, 1, /^Iteration 0: the last \d+ completions brought no accepted trace/)
  })
})

describe('the run folder', () => {
  test('that another process is running in is left alone, and that process is not disturbed', async ({
    onTestFinished,
  }) => {
    const slow = await createTestServer({ problems: PROBLEMS, modelNames: ['base'], serviceRate: 12 })
    onTestFinished(() => slow.close())
    place.write('slow.yaml', yaml(slow.baseURL))
    let sampling = (): void => undefined
    const underWay = new Promise<void>((resolve) => (sampling = resolve))
    const first = startCommand(['run', 'slow.yaml', '--dir', 'twice', '--json'], {
      cwd: place.folder,
      onLine: (line) => line.includes('"kind":"sampling"') && sampling(),
    })
    await underWay
    const second = await place.run(['run', 'slow.yaml', '--dir', 'twice', '--quiet'])
    expectOneSentence(second, 2, /^Another process is running in this folder \(.*twice.*\); wait for it or stop it/)
    expect(await statusOf('twice')).toMatchObject({ state: 'running' })
    expect(await first.ended).toMatchObject({ code: 0, stderr: '' })
    await expectWhole('twice')
  })

  test.each([
    [
      'budget.policy',
      ['--set', 'budget.policy.initial=31', '--set', 'budget.policy.kind=constant'],
      'budget.policy.initial',
    ],
    ['the seed', ['--set', 'seed=2'], 'seed'],
    ['the problems', ['--set', 'problems.train.0.path=other.jsonl'], 'problems.train'],
    ['two things', ['--set', 'seed=2', '--set', 'sample.temperature=0.5'], 'sample.temperature, seed'],
  ])('is not continued with under other values of %s', async (_, sets, keys) => {
    const ended = await place.run(['run', 'run.yaml', '--dir', 'whole', '--quiet', ...sets])
    expectOneSentence(
      ended,
      2,
      new RegExp(`^The run broken has begun with other values of ${keys.replaceAll('.', '\\.')}, `),
    )
    await expectWhole('whole')
  })

  test('of a newer spendwise is not touched', async () => {
    const run = copyOfRun('newer')
    const file = place.at(run, 'spendwise.sqlite')
    const db = openDatabase(file)
    const version = db.pragma('user_version', { simple: true })
    db.pragma('user_version = 99')
    db.close()
    for (const args of [
      ['run', run, '--quiet'],
      ['status', run],
      ['export', run, '--out', 'newer.jsonl'],
    ]) {
      expectOneSentence(await place.run(args), 1, /was written by a newer spendwise .*; update spendwise/)
    }
    writeFileSync(file, patched(readFileSync(file), 60, Buffer.from([0, 0, 0, Number(version)])))
    await expectWhole(run)
  })

  test.each([
    ['its first bytes', 0, 'it is not a spendwise database'],
    ['a page in its middle', 4096 * 3, 'it is damaged'],
  ])('with a database that has lost %s is told so, by every command', async (_, at, says) => {
    const run = copyOfRun(`damaged-${at}`)
    const file = place.at(run, 'spendwise.sqlite')
    copyFileSync(file, `${file}.kept`)
    writeFileSync(file, patched(readFileSync(file), at, Buffer.alloc(4096 * 4, 0xa5)))
    for (const args of [
      ['run', run, '--quiet'],
      ['status', run],
      ['export', run, '--out', 'damaged.jsonl'],
    ]) {
      expectOneSentence(await place.run(args), 1, new RegExp(`spendwise\\.sqlite.*${says}`))
    }
    copyFileSync(`${file}.kept`, file)
    await expectWhole(run)
  })

  test('continues without its resolved.yaml and with half a line in events.jsonl: the database is the truth', async () => {
    const run = copyOfRun('rebuilt')
    rmSync(place.at(run, 'resolved.yaml'))
    writeFileSync(place.at(run, 'events.jsonl'), '{"kind":"run-sta')
    expect(await place.run(['run', run, '--quiet'])).toMatchObject({ code: 0 })
    expect(statSync(place.at(run, 'resolved.yaml')).size).toBeGreaterThan(500)
    const lines = readFileSync(place.at(run, 'events.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.slice(1).map((line) => JSON.parse(line).kind)).toContain('run-started')
    await expectWhole(run)
  })

  test('of an older spendwise, which knew fewer keys, continues under their defaults', async () => {
    const run = copyOfRun('older')
    makeFirstVersion(place.at(run, 'spendwise.sqlite'))
    expect(await place.run(['status', run])).toMatchObject({ code: 0, stderr: '' })
    expect(await place.run(['run', 'run.yaml', '--dir', run, '--quiet'])).toMatchObject({ code: 0 })
    expect(await place.run(['run', run, '--quiet'])).toMatchObject({ code: 0 })
    await expectWhole(run)
  })

  test('is given no checkpoint that it does not wait for, and stays what it was', async () => {
    const fresh = await place.run(['run', 'run.yaml', '--dir', 'fresh', '--checkpoint', 'base', '--quiet'])
    expectOneSentence(fresh, 2, /^--checkpoint base: no iteration of this run waits for a checkpoint; /)
    expect(await place.run(['run', 'run.yaml', '--dir', 'fresh', '--quiet'])).toMatchObject({ code: 0 })
    const done = copyOfRun('done')
    expect(await place.run(['run', done, '--checkpoint', 'base', '--quiet'])).toMatchObject({ code: 0, stderr: '' })
    const before = await statusOf(done)
    expect(before.state).toBe('done')
    expectOneSentence(
      await place.run(['run', done, '--checkpoint', 'base', '--quiet']),
      2,
      /no iteration of this run waits/,
    )
    expect(await statusOf(done)).toEqual(before)
  })

  test('takes no checkpoint under a name that nobody serves, and takes the right one after that', async () => {
    const run = copyOfRun('misspelt')
    expectOneSentence(await place.run(['run', run, '--checkpoint', 'bsae', '--quiet']), 3, /bsae/)
    await expectWhole(run)
    expect(await place.run(['run', run, '--checkpoint', 'base', '--quiet'])).toMatchObject({ code: 0, stderr: '' })
    expect(await statusOf(run)).toMatchObject({ state: 'done' })
  })

  test('that cannot be written is told so, and its run continues when it can', async (context) => {
    const disk = mountDisk(context, 'read-only', '20m')
    cpSync(place.at('whole'), join(disk, 'run'), { recursive: true })
    rmSync(join(disk, 'run', 'lock.sqlite'))
    remount(disk, 'ro')
    const run = join(disk, 'run')
    expectOneSentence(await place.run(['run', run, '--quiet']), 1, /lock\.sqlite|cannot be written/)
    expectOneSentence(
      await place.run(['run', 'run.yaml', '--dir', join(disk, 'new'), '--quiet']),
      2,
      /^The run folder .*new cannot be made \(.*\); name another place with --dir/,
    )
    remount(disk, 'rw')
    expect(await place.run(['run', run, '--quiet'])).toMatchObject({ code: 0 })
    await expectWhole(run)
  })
})

describe.concurrent('the disk', () => {
  // One size after the other, so that it runs full at the problems, while sampling, at the dataset and at the report.
  const DISK_KIB = [60, 200, 270]

  test('that is full stops the run, and the same command resumes it when there is room', async (context) => {
    const disk = mountDisk(context, 'full', '60k')
    const run = ['run', 'run.yaml', '--dir', join(disk, 'run'), '--quiet']
    let stops = 0
    for (const size of DISK_KIB) {
      remount(disk, `size=${size}k`)
      const ended = await place.run(run)
      if (ended.code === 0) break
      expectOneSentence(ended, 1, /(disk is full|ENOSPC).*free some space/)
      stops++
    }
    expect(stops).toBeGreaterThan(1)
    remount(disk, 'size=50m')
    const kept = textsIn(join(disk, 'run'))
    expect(await place.run(run)).toMatchObject({ code: 0 })
    expect(textsIn(join(disk, 'run'))).toEqual(expect.arrayContaining(kept))
    await expectWhole(join(disk, 'run'))
  })

  test('that allows no larger file stops the run, and the same command resumes it without that limit', async () => {
    const run = ['run', 'run.yaml', '--dir', 'limited', '--quiet']
    for (const kib of [40, 150]) {
      const ended = await runLimited(run, kib)
      expectOneSentence(ended, 1, /writing failed|cannot be written|disk is full/)
    }
    expect(await place.run(run)).toMatchObject({ code: 0 })
    await expectWhole('limited')
  })

  test('behind stdout that is full is told in one sentence', async () => {
    const full = await place.run(['status', 'whole'], { stdout: '/dev/full' })
    expectOneSentence(full, 2, /^The result cannot be written to stdout \(.*ENOSPC/)
  })
})

describe.concurrent('the trainer', () => {
  const train = (flags: readonly string[]): string => `base: base\ntrain: ${trainSection(flags)}\nserve: external`

  test('that cannot be started is exit code 3, and a command that works continues', async () => {
    writeBase(place, 1)
    place.write('no-trainer.yaml', yaml(server.baseURL, train([])))
    const run = ['run', 'no-trainer.yaml', '--dir', 'no-trainer', '--quiet']
    const ended = await place.run([...run, '--set', 'train.command.0=no-such-program'])
    expectOneSentence(ended, 3, /^The trainer cannot be started: .*no-such-program.*; check train\.command/)
    expect(await place.run(run)).toMatchObject({ code: 0, stderr: '' })
    expect(await statusOf('no-trainer')).toMatchObject({ state: 'done', totals: { accepted: TARGET } })
  })

  test('that fails is exit code 1 with the end of its log, and nothing is sampled again', async () => {
    writeBase(place, 1)
    place.write('bad-trainer.yaml', yaml(server.baseURL, train([])))
    const run = ['run', 'bad-trainer.yaml', '--dir', 'bad-trainer', '--quiet']
    place.write('failing.yaml', yaml(server.baseURL, train(['--fail-code', '3'])))
    const ended = await place.run(['run', 'failing.yaml', '--dir', 'bad-trainer', '--quiet'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(
      /^Training of iteration 0 did not succeed: training failed \(exit 3\)\. Its log is .*train\.log, ending:\n/,
    )
    expect(ended.stderr).toContain('asked to fail')
    const { sampled } = (await statusOf('bad-trainer')).totals
    expect(await place.run(run)).toMatchObject({ code: 0, stderr: '' })
    expect(await statusOf('bad-trainer')).toMatchObject({ state: 'done', totals: { sampled, accepted: TARGET } })
  })
})

describe.concurrent('a server of our own', () => {
  const restart = (flags: readonly string[]): string =>
    `base: base\ntrain: none\nserve: ${serveSection('problems.jsonl', flags)}`
  const START = ['--quiet', '--set', 'serve.readySeconds=20']

  test.each([
    [
      'cannot be found',
      ['--set', 'serve.command.0=no-such-server'],
      [],
      /cannot be started: .*no-such-server.*check serve\.command/,
    ],
    [
      'dies while it starts',
      [],
      ['--fail-start', '7'],
      /ended while starting \(exit code 7\), saying "the weights cannot be loaded"; its log is .*server\.log/,
    ],
    [
      'is served under another name',
      ['--set', 'serve.command.5=not-{name}'],
      [],
      /up but does not answer as broken-base.*\{name\}/,
    ],
  ])('that %s is exit code 3, and one that works continues', async (title, sets, flags, says) => {
    const free = await createTestServer()
    await free.close()
    writeBase(place, 1)
    const name = `own-${title.replaceAll(' ', '-')}`
    place.write(`${name}.yaml`, yaml(free.baseURL, restart(flags)))
    const run = ['run', `${name}.yaml`, '--dir', name, ...START]
    const ended = await place.run([...run, ...sets])
    expectOneSentence(ended, 3, says)
    place.write(`${name}.yaml`, yaml(free.baseURL, restart([])))
    expect(await place.run(run)).toMatchObject({ code: 0 })
    await expectWhole(name)
  })

  test('does not start where somebody else answers', async () => {
    writeBase(place, 1)
    place.write('taken.yaml', yaml(server.baseURL, restart([])))
    const ended = await place.run(['run', 'taken.yaml', '--dir', 'taken', ...START])
    expectOneSentence(ended, 3, /^Something else already answers at http/)
  })
})

test('base weights that are not there are told before anything is drawn', async () => {
  place.write(
    'toy.yaml',
    'base: nowhere\nproblems: { train: [{ dataset: steps, count: 50 }] }\nsample: embedded\nbudget: { policy: { kind: constant, initial: 5 }, iterations: 1 }\n',
  )
  const ended = await place.run(['run', 'toy.yaml', '--dir', 'toy', '--quiet'])
  expectOneSentence(ended, 2, /nowhere/)
})

function patched(bytes: Buffer, at: number, patch: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), patch, bytes.subarray(at + patch.length)])
}

function textsIn(run: string): unknown[] {
  const db = openDatabase(join(run, 'spendwise.sqlite'))
  try {
    return db.prepare('select id, problem, idx, text from completion').all()
  } finally {
    db.close()
  }
}

function runLimited(args: readonly string[], kib: number): Promise<Ended> {
  return runCommand(args, { cwd: place.folder, fileKib: kib })
}

/** A small disk of its own; the test is skipped where nobody may mount one. */
function mountDisk(context: TestContext, name: string, size: string): string {
  const folder = place.at(`disk-${name}`)
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    context.skip('mounting a small disk is not allowed here (it needs root)')
  }
  context.onTestFinished(() => void execFileSync('umount', [folder]))
  return folder
}

function remount(folder: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'pipe' })
}

/** The rows of a database as the first version of its shape would have held them. */
function makeFirstVersion(path: string): void {
  const old = new Database(`${path}.old`)
  old.pragma('foreign_keys = off')
  old.exec(MIGRATIONS[0] ?? '')
  old.pragma('user_version = 1')
  old.prepare('attach ? as now').run(path)
  const tables = old.prepare<[], string>("select name from sqlite_schema where type = 'table'").pluck().all()
  for (const table of tables) {
    const columns = old.prepare<[string], string>('select name from pragma_table_info(?)').pluck().all(table).join(', ')
    old.exec(`insert into main."${table}" (${columns}) select ${columns} from now."${table}"`)
  }
  old.exec("update main.run set config = json_remove(config, '$.accept.deduplicate', '$.verify', '$.keep')")
  old.close()
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  renameSync(`${path}.old`, path)
}

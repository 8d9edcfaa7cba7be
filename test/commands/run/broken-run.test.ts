import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveSection, trainSection, type Workplace, writeBase } from '../../loop/workplace.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { expectOneSentence } from '../sentence.ts'
import { contentOf, expectWhole, openBrokenPlace, PROBLEMS, TARGET, yaml } from './broken-place.ts'

let server: TestServer
let place: Workplace

beforeAll(async () => {
  ;({ server, place } = await openBrokenPlace())
})
afterAll(async () => {
  await server.close()
  place.remove()
})

describe.concurrent('the server', () => {
  test('that is not there ends the run with exit code 3, and the run continues with the right address', async () => {
    const run = ['run', 'run.yaml', '--dir', 'nobody', '--quiet']
    const ended = await place.run([...run, '--set', 'sample.endpoints.0.baseURL=http://127.0.0.1:9/v1'])
    expectOneSentence(
      ended,
      3,
      /^Nobody answers at http:\/\/127\.0\.0\.1:9\/v1 for 2 s .*; start the inference server or correct/,
    )
    expect(place.status('nobody')).toMatchObject({ state: 'failed', reason: ended.stderr.trim() })
    expect(await place.run(run)).toMatchObject({ code: 0 })
    expectWhole(place, 'nobody')
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
    expectWhole(place, 'key')
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
    expectWhole(place, 'model')
  })

  test('that does not know a single problem is not sampled for ever', async () => {
    const run = ['run', 'run.yaml', '--dir', 'barren', '--quiet']
    const sets = ['--set', 'problems.train.0.path=other.jsonl', '--set', 'sample.giveUpAfter=50']
    const ended = await place.run([...run, ...sets])
    expectOneSentence(ended, 1, /^Iteration 0: the last \d+ completions brought no accepted trace/)
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
    expect(place.status('no-trainer')).toMatchObject({ state: 'done', totals: { accepted: TARGET } })
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
    const { sampled } = place.status('bad-trainer').totals
    expect(await place.run(run)).toMatchObject({ code: 0, stderr: '' })
    expect(place.status('bad-trainer')).toMatchObject({ state: 'done', totals: { sampled, accepted: TARGET } })
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
    expectWhole(place, name)
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

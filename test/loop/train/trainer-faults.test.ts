/** Trainers that break their contract in every way we know: each is caught with one sentence. */

import { cpSync, existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import {
  createWorkplace,
  makeProblems,
  toRows,
  trainCommand,
  trainSection,
  type Workplace,
  writeBase,
} from '../workplace.ts'

/** `node faulty.mjs FAULT OUTPUT SHA256`: leaves a checkpoint that is whole but for the fault. */
const FAULTY = `
import { mkdirSync, writeFileSync } from 'node:fs'
const [fault, output, sha256] = process.argv.slice(2)
if (fault === 'hangs') await new Promise((resolve) => setTimeout(resolve, 600_000))
if (fault === 'silent') process.exit(0)
const number = (value) => JSON.stringify(value) ?? 'NaN'
const metrics = {
  schema: 1, dataset: { sha256: fault === 'other' ? 'beef'.repeat(16) : sha256, rows: 20 }, steps: 1, tokens: 1, seconds: 1,
  loss: { first: 1, last: 'LAST' }, seed: 1, checkpoint: { sha256: 'ab'.repeat(32) },
  ...(fault === 'rounded' ? { master: { sha256: 'cd'.repeat(32), bytes: 4 }, update: { meanAbs: 1.2e-6, kept: 1, served: 0 } } : {}),
  ...(fault === 'unlearnt' || fault === 'rounded' ? { base: { sha256: 'ab'.repeat(32) } } : {}),
}
mkdirSync(output, { recursive: true })
if (fault === 'full') writeFileSync(output + '/weights.bin', Buffer.alloc(1 << 20))
writeFileSync(output + '/metrics.json', JSON.stringify(metrics).replace('"LAST"', fault === 'nan' ? 'NaN' : '0.5'))
`

let place: Workplace
let server: TestServer

beforeAll(async () => {
  const problems = makeProblems(80)
  server = await createTestServer({ problems, modelNames: ['base'], skill: 2 })
  place = createWorkplace()
  place.write('train.jsonl', toRows(problems))
  place.write('faulty.mjs', FAULTY)
  writeBase(place, 2)
  place.write(
    'run.yaml',
    `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }] }
budget: { policy: { kind: constant, initial: 20 }, iterations: 2 }
train: ${trainSection(['--fail-code', '3'])}
serve: external
`,
  )
  // Sampled once; every fault begins where the training does.
  expect(await place.run(['run', 'run.yaml', '--dir', 'sampled', '--quiet'])).toMatchObject({ code: 1 })
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function train(folder: string, command: readonly string[], sets: readonly string[] = []) {
  const given = [`train.command=${JSON.stringify(command)}`, ...sets].flatMap((set) => ['--set', set])
  return place.run(['run', 'run.yaml', '--dir', folder, '--quiet', ...given])
}

const faulty = (fault: string): string[] => [process.execPath, 'faulty.mjs', fault, '{output}', '{sha256}', '{dataset}']
/** No file may grow beyond 8 KiB. */
const limited = (command: readonly string[]): string[] => ['bash', '-c', 'ulimit -f 8; exec "$@"', 'bash', ...command]

const FULL = limited(faulty('full'))

/** Where the training begins, in a folder of its own. */
function sampled(name: string): string {
  cpSync(place.at('sampled'), place.at(name), { recursive: true })
  return name
}

describe('a trainer that', { timeout: 300_000 }, () => {
  test.concurrent.each([
    [
      'hangs',
      faulty('hangs'),
      ['train.hangSeconds=0.5'],
      'did not succeed: it wrote nothing for 0.5 s (train.hangSeconds)',
    ],
    ['ends well without metrics.json', faulty('silent'), [], 'it ended with exit code 0 but'],
    ['leaves a loss that is no number', faulty('nan'), [], 'holds a loss that is no number (NaN or Infinity)'],
    ['fills the disk', FULL, [], 'Training of iteration 0 found its disk full; free some space'],
    ['returns the weights it was given', faulty('unlearnt'), [], 'The trainer returned weights that were there before'],
    [
      'learns less than its 16-bit weights can show',
      faulty('rounded'),
      [],
      'moved a weight by 1.2e-6 on average, less than half a step of the 16-bit weights that are served',
    ],
    ['returns the same weights twice', faulty('none'), [], 'there before (abababababab…, of checkpoints/00)'],
    ['trains on another dataset', faulty('other'), [], 'is of another dataset (beefbeefbeef…'],
  ])('%s is caught with one sentence', async (name, command, sets, sentence) => {
    const { code, stderr } = await train(sampled(name.replaceAll(' ', '-')), command, sets)
    expect(code).toBe(1)
    expect(stderr).toContain(sentence)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('was all of that is forgotten when one that keeps its contract takes its place', async () => {
    const folder = sampled('fixed')
    expect(await train(folder, FULL)).toMatchObject({ code: 1 })
    const failing = await train(folder, trainCommand(['--fail-code', '3']))
    expect(failing).toMatchObject({ code: 1, stderr: expect.stringContaining('training failed (exit 3)') })
    // What it had written before the disk was full is out of the way, and there to be looked at.
    expect(readdirSync(place.at(folder, 'checkpoints'))).toContain('00.left')
    expect(existsSync(place.at(folder, 'checkpoints/00.left/weights.bin'))).toBe(true)
    expect(await train(folder, trainCommand())).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(place.at(folder, 'checkpoints'))).toEqual(['00', '01'])
  })

  test('is killed in the middle of writing at its path is started again on an empty one', async () => {
    const folder = sampled('killed')
    // The first try leaves half a checkpoint and is ended by a signal; any other finds nothing there, or says so.
    const halfway = `
      mkdir "$0" 2> /dev/null || { echo "$0 is in the way"; exit 2; }
      if [ ! -e "$1" ]; then touch "$1" "$0/weights.bin"; kill -9 $$; fi
      rmdir "$0"; shift; exec "$@"`
    const command = ['bash', '-c', halfway, '{output}', 'tried-once', ...trainCommand()]
    const { code, stderr, stdout } = await place.run([
      ...['run', 'run.yaml', '--dir', folder, '--json', '--set', `train.command=${JSON.stringify(command)}`],
    ])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('An earlier try left checkpoints/00 without metrics.json; it is checkpoints/00.left now.')
    expect(readdirSync(place.at(folder, 'checkpoints'))).toEqual(['00', '01'])
  })
})

/** Keys go to nobody who is not named: what run.yaml calls a key is left out of what jobs and servers inherit. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { keyVariables } from '../../src/config/key-variables.ts'
import { parseRunConfig } from '../../src/config/parse.ts'
import { childEnvironment } from '../../src/process/environment.ts'
import { spawnOwned } from '../../src/process/owned.ts'
import { createWorkplace } from '../loop/workplace.ts'

const TEXT = `problems: { train: [{ dataset: jsonl, path: a.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:1/v1", model: a, apiKeyEnv: FIRST_KEY }, { baseURL: "http://127.0.0.1:2/v1", model: a, apiKeyEnv: SECOND_KEY }] }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
`

test('every variable that run.yaml names as a key is one', () => {
  expect(keyVariables(parseRunConfig({ text: TEXT, file: 'run.yaml' }))).toEqual(['FIRST_KEY', 'SECOND_KEY'])
})

test('a job gets all but the keys, and those that are named again', () => {
  const ours = { PATH: '/bin', FIRST_KEY: 'a', SECOND_KEY: 'b', HF_TOKEN: 'c' }
  const keys = ['FIRST_KEY', 'SECOND_KEY']
  expect(childEnvironment(ours, keys, { WANDB_MODE: 'offline', SECOND_KEY: null, MISSING: null })).toEqual({
    PATH: '/bin',
    HF_TOKEN: 'c',
    WANDB_MODE: 'offline',
    SECOND_KEY: 'b',
  })
})

test('a program that is started does not see them', async () => {
  vi.stubEnv('FIRST_KEY', 'not for everyone')
  onTestFinished(() => void vi.unstubAllEnvs())
  const place = createWorkplace()
  onTestFinished(place.remove)
  const log = place.at('log')
  const script = 'console.log(JSON.stringify([process.env.FIRST_KEY ?? null, process.env.ADDED]))'
  const argv = [process.execPath, '-e', script]
  const options = { argv, cwd: place.at('.'), log, marker: join(log, 'keys') }
  const { exit } = await spawnOwned({ ...options, env: { ADDED: 'yes' }, keys: ['FIRST_KEY'] })
  await exit
  expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual([null, 'yes'])
})

/** `doctor --bundle`: one file with what a report needs and no secret, wherever secrets stand. */

import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createWorkplace, makeProblems, toRows } from '../../loop/workplace.ts'
import { createTestServer } from '../../server/openai-server.ts'

const KEY = 'sekrit-Zx9river42'
const OTHER = 'hush-Qw7mountain13'
const QUESTION = 'What is 3 plus 10?'

test('a run that failed is bundled with its first errors, and without one key', async ({ onTestFinished }) => {
  // It asks for the key, and quotes it where something is wrong.
  const server = await createTestServer({ apiKey: KEY, faults: { '500': 1 }, modelNames: ['base'] })
  onTestFinished(server.close)
  const place = createWorkplace()
  onTestFinished(place.remove)
  place.write('problems.jsonl', toRows([{ question: QUESTION, answer: '13' }, ...makeProblems(30)]))
  place.write(
    'run.yaml',
    `name: small
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample:
  endpoints: [{ baseURL: "${server.baseURL}", apiKeyEnv: VLLM_API_KEY, model: base }]
  extraBody: { access_token: "${OTHER}-1", top_k: 5 }
  attempts: 1
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
train:
  kind: command
  command: [python3, train.py, --hf-token, "${OTHER}-2", "--url=http://ann:${OTHER}-3@hub/x?sig=${OTHER}-4", "{base}", "{dataset}", "{output}"]
  env: { WANDB_KEY: "${OTHER}-5", PLAIN: "${OTHER}-6" }
serve: external
`,
  )
  const env = { VLLM_API_KEY: KEY, HF_TOKEN: `${OTHER}-7`, HTTPS_PROXY: `http://u:${OTHER}-8@proxy:1` }
  expect((await place.run(['run', 'run.yaml'], { env })).code).not.toBe(0)
  const doctor = await place.run(['doctor', 'run.yaml', '--bundle', 'report.json'], { env })
  expect(doctor.stderr).toContain('report.json is written; look it over before you send it.')
  const text = readFileSync(place.at('report.json'), 'utf8')
  expect(statSync(place.at('report.json')).mode & 0o077).toBe(0)
  for (const secret of [KEY, OTHER]) expect(text).not.toContain(secret)
  for (const said of [QUESTION, 'ann:', 'u:hush']) expect(text).not.toContain(said)
  const bundle = JSON.parse(text)
  expect(bundle.versions).toMatchObject({ spendwise: expect.any(String), node: process.versions.node })
  expect(bundle.configuration).toMatchObject({ name: 'small', sample: { attempts: 1, extraBody: { top_k: 5 } } })
  expect(bundle.configuration.train.env).toEqual({ WANDB_KEY: '[redacted]', PLAIN: '[redacted]' })
  expect(bundle.endpoints).toMatchObject([{ baseURL: server.baseURL, model: 'base' }])
  expect(bundle.findings.map(({ subject }: { subject: string }) => subject)).toContain('endpoint')
  expect(bundle.run.failedAttempts[0]).toMatchObject({ status: 500, message: 'the engine is unwell' })
  expect(bundle.run.state).toBe('failed')
  expect(bundle.run.events.at(-1)).toContain('run-ended')
})

test('a file that cannot be written is named', async ({ onTestFinished }) => {
  const place = createWorkplace()
  onTestFinished(place.remove)
  place.write('problems.jsonl', toRows(makeProblems(5)))
  place.write(
    'run.yaml',
    `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
`,
  )
  const { code, stderr } = await place.run(['doctor', 'run.yaml', '--bundle', 'nowhere/report.json'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/--bundle nowhere\/report.json cannot be written \(.*\); name another file\./)
})

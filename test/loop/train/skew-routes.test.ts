/** What the skew doctor learns from a server: by its token ids, by /tokenize, by its template, from chats and from texts of base models. */

import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { parseRunConfig } from '../../../src/config/parse.ts'
import { checkSkew } from '../../../src/loop/train/skew.ts'
import { createTokenServer, type TokenServer, type TokenServerOptions } from '../../server/token-server.ts'
import { trainingJob } from '../../train/training-job.ts'
import { createWorkplace, type Workplace } from '../workplace.ts'

/** The trainer's side: the same tokens as the test server's, and a template of its own. */
const RECIPE = `
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { charactersOf, chatTokens, END_OF_TEXT } from ${JSON.stringify(join(import.meta.dirname, '../../server/token-server.ts'))}
const say = (event) => console.log('@@sft ' + JSON.stringify(event))
const [template, dataset] = process.argv.slice(2)
say({ event: 'template', sha256: createHash('sha256').update(template).digest('hex') })
for (const line of readFileSync(dataset, 'utf8').trim().split('\\n')) {
  const { prompt, completion } = JSON.parse(line)
  const isText = typeof prompt === 'string'
  const before = isText ? charactersOf(prompt) : chatTokens(prompt, true)
  const whole = isText ? [...before, ...charactersOf(completion), END_OF_TEXT] : chatTokens([...prompt, ...completion], false)
  say({ event: 'tokens', prompt: before, completion: whole.slice(before.length), kept: true })
}
`
const TEMPLATE = 'a template'

let place: Workplace
beforeAll(() => {
  place = createWorkplace()
  place.write('tell-tokens.ts', RECIPE)
})
afterAll(() => place.remove())

interface Asking {
  readonly api?: 'chat' | 'completions'
  readonly stop?: readonly string[]
  /** More servers of the same run. */
  readonly beside?: readonly TokenServerOptions[]
}

/** What the doctor says of a server, and what it asked. */
async function look(options: TokenServerOptions, { api = 'chat', stop = [], beside = [] }: Asking = {}) {
  const servers = await Promise.all([options, ...beside].map(createTokenServer))
  onTestFinished(() => void Promise.all(servers.map((one) => one.close())))
  const endpoints = servers.map(({ baseURL }) => `{ baseURL: "${baseURL}", model: base }`)
  const command = [process.execPath, 'tell-tokens.ts', TEMPLATE, '{dataset}', '{output}']
  const config = parseRunConfig({
    file: 'run.yaml',
    text: `problems: { train: [{ dataset: steps, count: 8 }] }
sample: { api: ${api}, endpoints: [${endpoints.join()}] }
budget: { policy: { kind: constant, initial: 8 }, iterations: 1 }
train: { kind: command, command: ${JSON.stringify(command)} }
serve: external
`,
  })
  const rows = [1, 2].map((number) => ({
    prompt: [{ role: 'user' as const, content: `Question: ${number}+${number}?\nAnswer:` }],
    completion: ' 4',
  }))
  const said = await checkSkew({
    config,
    configDirectory: place.folder,
    signal: new AbortController().signal,
    model: 'base',
    baseURL: '',
    path: place.at('tokens.jsonl'),
    job: trainingJob(),
    rows,
    stop,
  }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  const [server] = servers
  if (!server) throw new Error('there is one server at least')
  return { said, server, servers }
}

const asked = ({ requests }: TokenServer, path: string): number =>
  requests.filter((request) => request.endsWith(` ${path}`)).length

test('ids that come with the completions are compared, and nothing else is asked for', async () => {
  const { said, server } = await look({ tells: ['ids', 'tokenize'] })
  expect(said).toBe('Server and trainer agree on 2 completions, token by token.')
  expect(asked(server, '/tokenize')).toBe(0)
})

test('where none come, /tokenize tells those of the prompt and of the whole', async () => {
  const { said, server } = await look({ tells: ['tokenize'] })
  expect(said).toBe("Server and trainer agree on 2 completions, token by token (by the server's /tokenize).")
  expect(asked(server, '/tokenize')).toBe(4)
})

test('where neither is there, their numbers are compared', async () => {
  const { said } = await look({ tells: [] })
  expect(said).toBe('Server and trainer agree on 2 completions, by the number of their tokens.')
})

test.each([
  ['ids', 'a prompt (token 0 is 183 on the server and 1 in the trainer)'],
  ['tokenize', 'a prompt (token 0 is 183 on the server and 1 in the trainer)'],
] as const)('a system prompt that the server adds is found by %s', async (route, sentence) => {
  const { said } = await look({ tells: [route], system: 'Sir.' })
  expect(said).toContain(`Server and trainer disagree about the tokens of ${sentence}`)
})

test.each(['ids', 'tokenize'] as const)('another end of text is found by %s', async (route) => {
  const { said } = await look({ tells: [route], end: 3 })
  expect(said).toContain('Server and trainer disagree about the tokens of a')
  expect(said).toContain('is 3 on the server and 0 in the trainer')
})

test('a chat template that the server tells of has to be the trainer’s', async () => {
  expect((await look({ tells: ['ids', 'template'], template: `${TEMPLATE}\n` })).said).toContain('agree on 2')
  const { said } = await look({ tells: ['ids', 'template'], template: 'another' })
  expect(said).toMatch(/^The chat template of the server \(sha256 \w{12}…\) is another than the trainer's/)
})

test.each([
  ['ids', 'token by token'],
  ['tokenize', "token by token (by the server's /tokenize)"],
  [undefined, 'by the number of their tokens'],
] as const)('a base model is asked in text and ended by a stop string: %s', async (route, how) => {
  const { said, server } = await look({ tells: route ? [route] : [] }, { api: 'completions', stop: ['\nQuestion:'] })
  expect(said).toBe(`Server and trainer agree on 2 completions, ${how}.`)
  expect(asked(server, '/v1/completions')).toBeGreaterThan(1)
})

test('a base model that ends with another token than the trainer puts there is found', async () => {
  const { said } = await look({ tells: ['ids'], end: 3 }, { api: 'completions' })
  expect(said).toContain('disagree about the tokens of all 2 completions (token 2 is 3 on the server and 0')
})

test('every server of a run is looked at, and the one that differs is named', async () => {
  expect((await look({ tells: ['ids'] }, { beside: [{ tells: [] }] })).said).toContain('agree on 4 completions')
  const { said, servers } = await look({ tells: ['ids'] }, { beside: [{ tells: ['ids'], end: 3 }] })
  expect(said).toContain('disagree about the tokens of a')
  expect(said).toContain(`The server is the one at ${servers[1]?.baseURL}.`)
})

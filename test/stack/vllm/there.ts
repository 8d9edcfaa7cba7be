/** Looks at one vLLM that somebody else looks after: doctor, pilots, adapters, weights put into it, prompts that are too long, a dead engine. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MODEL, query } from '../real-loop.ts'
import { presetIsUnderstood } from './preset.ts'
import { engineOf, type Vllm } from './server.ts'
import {
  type Base,
  type Claim,
  ended,
  type Program,
  RELOADS,
  reloadTimes,
  runYaml,
  sampled,
  stepsOf,
  withLoop,
  withVllm,
} from './stage.ts'
import { writeUntied } from './untied.ts'

const PILOT = 40
const EXTERNAL = '{ kind: external, wait: true }'

export function oneThatIsThere(program: Program): Promise<Claim[]> {
  const untied = (folder: string): string => writeUntied(MODEL, join(folder, 'untied'))
  const looks = [
    doctorSeesAll,
    presetIsUnderstood('vllm'),
    pilotsAgree,
    tooLongIsSaid,
    adaptersAreLoaded,
    weightsAreReloaded,
    engineDies,
  ]
  return withVllm({ program, lora: true, development: true }, untied, looks)
}

function doctorSeesAll(base: Base): Promise<Claim[]> {
  return withLoop(runYaml(base, { sample: 'concurrency: auto', serve: EXTERNAL }), async (loop) => {
    const said = await loop.command(['doctor', 'run.yaml', '--json'])
    const text = said.stdout
    return [
      [`doctor finds nothing to fix (${ended(said)} ${text})`, said.code === 0],
      ['doctor compares tokens one by one', /token by token/.test(text)],
      ['doctor sees metrics', /metrics/.test(text)],
    ]
  })
}

interface Drawn {
  readonly problem: number
  readonly idx: number
  readonly text: string
  readonly finish_reason: string
  readonly ids: number
}

/** The same draws in three ways of asking; the seeds are the same too. */
async function pilotsAgree(base: Base): Promise<Claim[]> {
  const draws = new Map<string, Drawn[]>()
  const claims: Claim[] = []
  const ways = {
    chat: 'api: chat, concurrency: 16',
    streamed: 'api: chat, concurrency: auto, stream: true',
    completions: 'api: completions, concurrency: 8, stream: true, stop: ["\\n"]',
  }
  for (const [way, sample] of Object.entries(ways)) {
    const isText = way === 'completions'
    const more = isText ? 'prompt: { sampling: text.md, training: text.md, evaluation: text.md }' : ''
    const found = await withLoop(runYaml(base, { sample, serve: EXTERNAL, more }), async (loop) => {
      if (isText) writeFileSync(join(loop.folder, 'text.md'), TEXT_PROMPT)
      const pilot = await loop.command(['plan', 'run.yaml', '--pilot', String(PILOT)])
      const rows = pilot.code === 0 ? query<Drawn>(loop, DRAWN) : []
      draws.set(way, rows)
      return [
        [`a pilot by ${way} is drawn (${ended(pilot)})`, pilot.code === 0],
        [`all of ${way} is answered`, rows.length === PILOT && rows.every((row) => row.finish_reason !== 'failed')],
        [`the token ids of ${way} are stored`, rows.every(({ ids }) => ids === 1)],
      ]
    })
    claims.push(...found)
  }
  const texts = (way: string): string => JSON.stringify(draws.get(way)?.map(({ text }) => text))
  const isCut = (draws.get('completions') ?? []).every(({ text }) => !text.includes('\n'))
  return [
    ...claims,
    [
      'the same seeds draw the same texts, streamed or not, whatever runs next to them',
      texts('chat') === texts('streamed'),
    ],
    ['nothing is left behind a stop string', isCut],
  ]
}

const DRAWN = `select c.problem, c.idx, c.text, c.finish_reason, t.row is not null as ids
  from completion c left join token_ids t on t.row = c.id where c.purpose = 'pilot' order by c.problem, c.idx`

const TEXT_PROMPT = `---
name: text
api: completions
---
<|user|>{{question}}<|end|>
<|assistant|>`

/** A prompt that is longer than the context ends the run with the server's own sentence; prompt and limit together may be longer. */
async function tooLongIsSaid(base: Base): Promise<Claim[]> {
  const question = `What is ${Array.from({ length: 400 }, (_, i) => i).join(' + ')}?`
  const text = runYaml(base, { sample: 'concurrency: 4', serve: EXTERNAL }).replace(
    '{ dataset: steps, level: main, count: 400 }',
    '{ dataset: jsonl, path: long.jsonl }',
  )
  const tooLong = await withLoop(text, async (loop) => {
    const rows = Array.from({ length: 40 }, (_, i) => JSON.stringify({ id: `long-${i}`, question, answer: '79800' }))
    writeFileSync(join(loop.folder, 'long.jsonl'), `${rows.join('\n')}\n`)
    const pilot = await loop.command(['plan', 'run.yaml', '--pilot', '20'])
    return [
      [`prompts beyond the context end the pilot (${ended(pilot)})`, pilot.code !== 0 && pilot.code !== null],
      ['with the words of vLLM', /context length|input tokens|longer than/i.test(pilot.stderr)],
    ]
  })
  const cut = await withLoop(
    runYaml(base, { sample: 'concurrency: 4', serve: EXTERNAL }).replace('maxTokens: 64', 'maxTokens: 500'),
    async (loop) => {
      const pilot = await loop.command(['plan', 'run.yaml', '--pilot', '20'])
      return [[`a limit beyond the context is no fault (${ended(pilot)})`, pilot.code === 0]]
    },
  )
  return [...tooLong, ...cut]
}

/** Doctor has compared the tokens of just this server and trainer. */
const UNCHECKED = 'checkTokens: false'
const ADAPTERS = {
  sample: 'concurrency: auto',
  serve: '{ kind: lora }',
  train: `init: base, ${UNCHECKED}`,
  recipe: { '--method': 'lora' },
}
const RELOAD = { sample: 'concurrency: auto', serve: '{ kind: reload }', train: UNCHECKED }

function adaptersAreLoaded(base: Base): Promise<Claim[]> {
  return withLoop(runYaml(base, ADAPTERS), async (loop) => {
    const run = await loop.run()
    if (run.code !== 0) return [[`two iterations with adapters end well (${ended(run)})`, false]]
    const { state, iterations } = loop.status()
    const listed = await (await fetch(`http://127.0.0.1:${base.port}/v1/models`)).text()
    return [
      ['two iterations with adapters are done', state === 'done'],
      ['n_t was met in both', iterations.map(({ accepted }) => accepted).join() === '30,30'],
      [
        'only the last adapter is still loaded',
        (listed.match(/small-iteration\d+/g) ?? []).every((id) => id.endsWith('001')),
      ],
    ]
  })
}

/** The same server is given the weights of two checkpoints, and answers with them, by the trainer's log-probabilities. */
function weightsAreReloaded(base: Base): Promise<Claim[]> {
  return withLoop(runYaml(base, RELOAD), async (loop) => {
    const run = await loop.run()
    if (run.code !== 0) return [[`two iterations by reload end well (${ended(run)})`, false]]
    const { state, iterations } = loop.status()
    console.error(`vllm: weights reloaded and proven in ${reloadTimes(loop).join(' and ')} ms`)
    const version = await (await fetch(`http://127.0.0.1:${base.port}/weight_info`)).text()
    const last = query<{ hash: string; proven: number }>(loop, 'select hash, proven from checkpoint order by iteration')
    return [
      ['two iterations by reload are done', state === 'done'],
      ['n_t was met in both', iterations.map(({ accepted }) => accepted).join() === '30,30'],
      [`both were loaded and proven (${stepsOf(loop)})`, stepsOf(loop).join() === RELOADS],
      ['every checkpoint is proven, the base too', last.every(({ proven }) => proven === 1)],
      [`the server names the last weights (${version})`, version.includes(last.at(-1)?.hash ?? 'no hash')],
    ]
  })
}

/** The engine is killed while it draws: the run stores what it has and says that the server has gone. */
function engineDies(base: Base, vllm: Vllm): Promise<Claim[]> {
  const text = runYaml(base, { sample: 'concurrency: 8, unreachableSeconds: 10', serve: EXTERNAL })
  return withLoop(text, async (loop) => {
    const engine = engineOf(vllm.identity)
    if (engine === undefined) return [['the engine has been found', false]]
    const kill = (): void => void process.kill(engine, 'SIGKILL')
    const run = await loop.run({ before: [{ at: sampled('train'), act: kill }] })
    const stored = query<{ n: number }>(loop, 'select count(*) as n from completion')[0]?.n ?? 0
    return [
      [`the run says that the server is gone (${ended(run)})`, run.code === 3],
      ['what was drawn is stored', stored > 3],
    ]
  })
}

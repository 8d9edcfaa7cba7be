/**
 * The part of the real-stack tests with vLLM itself, on the CPU: one server that somebody else looks after (doctor, pilots, an
 * adapter for each iteration, a prompt that is too long, a dead engine), and one that spendwise starts, takes over and replaces.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../../src/core/events.ts'
import { isAlive } from '../../src/process/owned.ts'
import { allHold, failed, type Outcome } from './outcome.ts'
import { stackPython } from './python.ts'
import { type Ended, freePort, MODEL, openLoop, query, type RealLoop, recipeCommand } from './real-loop.ts'
import { writeUntied } from './untied.ts'
import {
  endOf,
  engineOf,
  isPortFree,
  leftOf,
  processesOf,
  serversOf,
  startVllm,
  type Vllm,
  type VllmSettings,
  vllmCommand,
  whyNoVllm,
} from './vllm-server.ts'

type Claim = readonly [string, boolean]
type Program = (name: string) => string

/** Every draw is made here and now. */
const NO_CACHE = { SPENDWISE_NO_CACHE: '1' }
const PILOT = 40

/** @param isLong the parts for which the usual tests have no time as well */
export async function vllmPart(isLong: boolean): Promise<Outcome> {
  const why = whyNoVllm()
  if (why !== undefined) return { kind: 'skipped', why }
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const claims: Claim[] = []
  for (const part of [withOneThatIsThere, withOneOfOurOwn]) {
    const startedAt = performance.now()
    claims.push(...(await part(python.program, isLong)))
    console.error(`vllm: ${part.name} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
  return allHold(claims)
}

// One server for all of it: a start takes most of a minute.
export async function withOneThatIsThere(program: Program): Promise<Claim[]> {
  const port = await freePort()
  const place = openLoop('')
  const model = writeUntied(MODEL, join(place.folder, 'untied'))
  const settings: VllmSettings = { program, lora: true, development: true }
  const vllm = await startVllm(settings, { model, name: 'base', port, folder: place.folder })
  const base = { port, model, program }
  const claims: Claim[] = []
  try {
    for (const look of [doctorSeesAll, pilotsAgree, tooLongIsSaid, adaptersAreLoaded, weightsAreReloaded]) {
      claims.push(...(await look(base)))
    }
    claims.push(...(await engineDies(base, vllm)))
  } catch (error) {
    claims.push([`nothing broke: ${error instanceof Error ? error.message : String(error)}\n${endOf(vllm.log)}`, false])
  } finally {
    await vllm.stop()
    claims.push(['its port is free again', await isPortFree(port)])
    claims.push(['no process of it is left', processesOf(vllm.identity).length === 0])
    place.remove()
  }
  return claims
}

interface Base {
  readonly port: number
  readonly model: string
  readonly program: Program
}

const PROBLEMS = `problems:
  train: [{ dataset: steps, level: main, count: 400 }]
  evaluate: [{ dataset: steps, level: main, count: 40 }]
evaluate: { greedy: false }
`

/** @param sample more keys of `sample` */
function yaml({ port, model, program }: Base, sample: string, more: string): string {
  const train = [program('python'), ...recipeCommand(more.includes('kind: lora') ? LORA : {})]
  const init = more.includes('kind: lora') ? 'init: base, ' : ''
  return `name: small
base: ${model}
${PROBLEMS}sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }], maxTokens: 64, ${sample} }
budget: { policy: { kind: constant, initial: 30 }, iterations: 2 }
train: { kind: command, ${init}command: ${JSON.stringify(train)}, env: { OMP_NUM_THREADS: "1" }, batch: 10, epochs: 4, lr: 1.0e-4 }
${more}
`
}

const LORA = { '--method': 'lora' }
const EXTERNAL = 'serve: { kind: external, wait: true }'

async function withLoop(text: string, look: (loop: RealLoop) => Promise<Claim[]>): Promise<Claim[]> {
  const loop = openLoop(text, NO_CACHE)
  try {
    return await look(loop)
  } finally {
    loop.remove()
  }
}

function doctorSeesAll(base: Base): Promise<Claim[]> {
  return withLoop(yaml(base, 'concurrency: auto', EXTERNAL), async (loop) => {
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
    const prompt = isText ? 'prompt: { sampling: text.md, training: text.md, evaluation: text.md }\n' : ''
    const more = await withLoop(yaml(base, sample, prompt + EXTERNAL), async (loop) => {
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
    claims.push(...more)
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
  const text = yaml(base, 'concurrency: 4', EXTERNAL).replace(
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
    yaml(base, 'concurrency: 4', EXTERNAL).replace('maxTokens: 64', 'maxTokens: 500'),
    async (loop) => {
      const pilot = await loop.command(['plan', 'run.yaml', '--pilot', '20'])
      return [[`a limit beyond the context is no fault (${ended(pilot)})`, pilot.code === 0]]
    },
  )
  return [...tooLong, ...cut]
}

function adaptersAreLoaded(base: Base): Promise<Claim[]> {
  return withLoop(yaml(base, 'concurrency: auto', 'serve: { kind: lora }'), async (loop) => {
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

interface Step {
  readonly step: string
  readonly at: number
}

/** The same server is given the weights of two checkpoints, and answers with them, by the trainer's log-probabilities. */
function weightsAreReloaded(base: Base): Promise<Claim[]> {
  return withLoop(yaml(base, 'concurrency: auto', 'serve: { kind: reload }'), async (loop) => {
    const run = await loop.run()
    if (run.code !== 0) return [[`two iterations by reload end well (${ended(run)})`, false]]
    const { state, iterations } = loop.status()
    const steps = query<Step>(loop, 'select step, at from hand_over order by id')
    const times = steps.flatMap(({ step, at }, i) => (step === 'proven' ? at - (steps[i - 2]?.at ?? at) : []))
    console.error(`vllm: weights reloaded and proven in ${times.join(' and ')} ms`)
    const version = await (await fetch(`http://127.0.0.1:${base.port}/weight_info`)).text()
    const last = query<{ hash: string; proven: number }>(loop, 'select hash, proven from checkpoint order by iteration')
    return [
      ['two iterations by reload are done', state === 'done'],
      ['n_t was met in both', iterations.map(({ accepted }) => accepted).join() === '30,30'],
      [
        `both were loaded and proven (${steps.map(({ step }) => step)})`,
        steps.map(({ step }) => step).join() === RELOADS,
      ],
      ['every checkpoint is proven, the base too', last.every(({ proven }) => proven === 1)],
      [`the server names the last weights (${version})`, version.includes(last.at(-1)?.hash ?? 'no hash')],
    ]
  })
}

const RELOADS = 'reloading,loaded,proven,reloading,loaded,proven'

const sampled =
  (purpose: string, iteration = 0) =>
  (event: RunEvent): boolean =>
    event.kind === 'sampling' && event.purpose === purpose && event.iteration >= iteration && event.sampled > 3

/** The engine is killed while it draws: the run stores what it has and says that the server has gone. */
function engineDies(base: Base, vllm: Vllm): Promise<Claim[]> {
  const text = yaml(base, 'concurrency: 8, unreachableSeconds: 10', EXTERNAL)
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

// A start for the base, one after the kill of its API server, one for each checkpoint.
export async function withOneOfOurOwn(program: Program, isLong: boolean): Promise<Claim[]> {
  const port = await freePort()
  const command = JSON.stringify(vllmCommand({ program }))
  const serve = `serve: { kind: restart, share: train, readySeconds: 600, command: ${command} }`
  // With more at once the whole of an evaluation would be under way when it is stopped, and its end the end of the run.
  const loop = openLoop(yaml({ port, model: MODEL, program }, 'concurrency: 8', serve), NO_CACHE)
  const claims: Claim[] = []
  try {
    const killed = await loop.run({ stopAt: sampled('evaluate', -1) })
    const [first] = serversOf(loop)
    claims.push([`spendwise is killed while it draws (${ended(killed)})`, killed.signal === 'SIGKILL'])
    claims.push(['its server stays up', first !== undefined && isAlive(first)])
    if (first === undefined) throw new Error('no server has been written down')
    const orphans: number[] = []
    const before = [
      { at: sampled('train'), act: () => void process.kill(first.pid, 'SIGKILL') },
      // By now another one is up in its place.
      { at: (event: RunEvent) => event.kind === 'sampled', act: () => void orphans.push(processesOf(first).length) },
    ]
    const end = await loop.run({ before, stopAt: sampled('evaluate', 1), signal: 'SIGINT' })
    const servers = serversOf(loop)
    claims.push(
      [`Ctrl-C ends it with 130 (${ended(end)})`, end.code === 130],
      ['of the server whose API process was killed nothing is left', orphans.join() === '0'],
      [
        `it was taken over, replaced, and followed by one for each checkpoint (${servers.length})`,
        servers.length === 4,
      ],
      ['no process of any server is left', leftOf(loop).length === 0],
      ['the port is free again', await isPortFree(port)],
      [
        'n_t was met in both iterations',
        loop
          .status()
          .iterations.map(({ accepted }) => accepted)
          .join() === '30,30',
      ],
    )
    if (isLong) claims.push(...(await goesOn(loop)))
  } catch (error) {
    claims.push([`nothing broke: ${error instanceof Error ? error.message : String(error)}`, false])
  } finally {
    const broken = claims.some(([, holds]) => !holds)
    if (broken) console.error(endOf(join(loop.directory, 'server.log'), 30))
    for (const { pid } of leftOf(loop)) process.kill(pid, 'SIGKILL')
    loop.remove()
  }
  return claims
}

async function goesOn(loop: RealLoop): Promise<Claim[]> {
  const end = await loop.run()
  const twice = query(loop, 'select 1 from completion group by purpose, iteration, problem, idx having count(*) > 1')
  return [
    [`the same command resumes it to the end (${ended(end)})`, end.code === 0 && loop.status().state === 'done'],
    ['no completion is there twice', twice.length === 0],
    ['no process of any server is left at the end', leftOf(loop).length === 0],
  ]
}

function ended({ code, signal, stderr }: Ended): string {
  return `${code ?? signal}: ${stderr.trim().split('\n').slice(-4).join(' | ')}`
}

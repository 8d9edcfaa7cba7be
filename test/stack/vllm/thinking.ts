/** Looks at a vLLM with a reasoning parser, before a small model that writes `</think>` when it has thought. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { openDatabase } from '../../../src/store/open.ts'
import { DATABASE_FILE } from '../../../src/store/place/place.ts'
import { tokenIdQueries } from '../../../src/store/token-ids.ts'
import { query, type RealLoop } from '../real-loop.ts'
import { presetIsUnderstood } from './preset.ts'
import { type Base, type Claim, ended, type Look, type Program, withLoop, withVllm } from './stage.ts'

/** Made by make_thinking_model.py of the model that the other parts use. */
const THINKING_MODEL = fileURLToPath(new URL('../thinking-model', import.meta.url))
const PILOT = 60
/** Enough for most of what it thinks, and not for all. */
const MAX_TOKENS = 64
const detokenized = z.object({ prompt: z.string() })

export function oneThatThinks(program: Program): Promise<Claim[]> {
  const settings = { program, development: true, more: ['--reasoning-parser', 'qwen3'] }
  const drawnBy = (name: string, sample: string): Look => {
    const look: Look = (base) => drawn(base, { name, sample })
    return Object.defineProperty(look, 'name', { value: `drawn ${name}` })
  }
  return withVllm(settings, () => THINKING_MODEL, [
    doctorTells,
    drawnBy('plain', ''),
    drawnBy('streamed', 'stream: true'),
    drawnBy('dropped', 'reasoning: drop'),
    drawnBy('switched off', 'templateKwargs: { enable_thinking: false }'),
    presetIsUnderstood('vllm-thinking'),
  ])
}

/** @param sample more keys of `sample` */
function yaml({ port }: Base, sample: string): string {
  return `name: small
problems: { train: [{ dataset: steps, level: main, count: 400 }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }], maxTokens: ${MAX_TOKENS}, concurrency: 16, ${sample} }
budget: { policy: { kind: constant, initial: 30 }, iterations: 1 }
train: none
serve: external
`
}

function doctorTells(base: Base): Promise<Claim[]> {
  return withLoop(yaml(base, ''), async (loop) => {
    const { stdout } = await loop.command(['doctor', 'run.yaml', '--json'])
    return [
      [`doctor says that thinking is kept apart (${stdout})`, /keeps thinking in a field of its own/.test(stdout)],
      ['doctor says what opens it', /opened by \\"\\"/.test(stdout)],
    ]
  })
}

interface Row {
  readonly id: number
  readonly text: string
  readonly thinking: number
  readonly altered: number
  readonly finish: string
  readonly kind: string | null
}

function drawn(base: Base, { name, sample }: { name: string; sample: string }): Promise<Claim[]> {
  return withLoop(yaml(base, sample), async (loop) => {
    const pilot = await loop.command(['plan', 'run.yaml', '--pilot', String(PILOT)])
    if (pilot.code !== 0) return [[`a pilot is drawn, ${name} (${ended(pilot)})`, false]]
    const rows = query<Row>(
      loop,
      `select c.id, c.text, c.thinking, c.altered, c.finish_reason as finish, v.kind from completion c
        left join verdict v on v.completion = c.id where c.purpose = 'pilot' order by c.id`,
    )
    const wrote = await textsOf(loop, base.port, rows)
    const shared: Claim[] = [
      [`all are answered, ${name}`, rows.length === PILOT && rows.every((row) => row.finish !== 'failed')],
    ]
    if (name === 'dropped') return [...shared, ...isDropped(rows, wrote)]
    const differing = rows.findIndex(({ text }, i) => text !== wholeOf(wrote[i] ?? ''))
    const both = `${JSON.stringify(rows[differing]?.text)} for ${JSON.stringify(wrote[differing])}`
    const exact: Claim[] = [
      [`the text is what the model wrote, token for token, ${name} (${both})`, differing === -1],
      [`nothing is altered, ${name}`, rows.every(({ altered }) => altered === 0)],
    ]
    if (name === 'switched off') {
      return [...shared, ...exact, ['what is not thought is the answer', rows.every(isAnswer)]]
    }
    const answered = rows.filter((_, i) => hasAnswer(wrote[i] ?? ''))
    const cut = rows.filter((_, i) => !hasAnswer(wrote[i] ?? ''))
    const correct = rows.filter(({ kind }) => kind === 'correct')
    const counts = `${rows.length} completions, ${answered.length} answered after thinking, ${correct.length} correct, ${cut.length} cut in it`
    console.error(`thinking, ${name}: ${counts}`)
    return [
      ...shared,
      ...exact,
      [`thinking ended in some and not in others, ${name} (${counts})`, answered.length > 5 && cut.length > 0],
      [`some answers are right, ${name} (${counts})`, correct.length > 0],
      [
        `thinking is told apart from the answer, ${name}`,
        answered.every(({ text, thinking }) => text.slice(0, thinking).endsWith(CLOSES) && thinking < text.length),
      ],
      [`cut thinking is all thinking, ${name}`, cut.every(({ text, thinking }) => thinking === text.length)],
      [`thinking without an end is no answer, ${name}`, cut.every(({ kind }) => kind !== 'correct')],
    ]
  })
}

const OPENS = '<think>'
const CLOSES = '</think>'

/** No thinking in it, unless the model went and ended some. */
function isAnswer({ text, thinking }: Row): boolean {
  return thinking === 0 || text.includes(CLOSES)
}

function hasAnswer(wrote: string): boolean {
  return wrote.split(CLOSES).slice(1).join('') !== ''
}

/** vLLM's parser leaves out a `</think>` that nothing follows, one that follows another, and any `<think>`; the stored tokens have all. */
function wholeOf(wrote: string): string {
  const [thought = '', ...more] = wrote.replaceAll(OPENS, '').split(CLOSES)
  const answer = more.join('')
  return answer === '' ? thought : thought + CLOSES + answer
}

/** Thinking is left out, and every row from which something is missing says so. */
function isDropped(rows: readonly Row[], wrote: readonly string[]): Claim[] {
  return [
    ['what is left out is marked', rows.every(({ altered, thinking }) => altered === 1 && thinking === 0)],
    [
      'what follows the thinking is kept as it was written',
      rows.every(({ text }, i) => text === (wrote[i]?.split(CLOSES).slice(1).join('') ?? '')),
    ],
  ]
}

/** What the stored tokens say, by the server's own tokenizer, without the end of the turn. */
async function textsOf({ directory }: RealLoop, port: number, rows: readonly Row[]): Promise<string[]> {
  const db = openDatabase(join(directory, DATABASE_FILE), { readonly: true })
  try {
    const ids = tokenIdQueries(db)
    return await Promise.all(
      rows.map(async ({ id }) => {
        const tokens = ids.read(id)?.completion ?? []
        const answer = await fetch(`http://127.0.0.1:${port}/detokenize`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'base', tokens }),
        })
        return detokenized.parse(await answer.json()).prompt.replace(/<\|end\|>$/, '')
      }),
    )
  } finally {
    db.close()
  }
}

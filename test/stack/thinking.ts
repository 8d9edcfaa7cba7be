/** The part of the real-stack tests with vLLM's reasoning parser: what is put together is what the model wrote, token for token. */

import { join } from 'node:path'
import { z } from 'zod'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { tokenIdQueries } from '../../src/store/token-ids.ts'
import { allHold, failed, type Outcome } from './outcome.ts'
import { stackPython } from './python.ts'
import { freePort, MODEL, openLoop, query, type RealLoop } from './real-loop.ts'
import { writeThinking } from './thinking-model.ts'
import { endOf, isPortFree, processesOf, startVllm, whyNoVllm } from './vllm-server.ts'

type Claim = readonly [string, boolean]

const PILOT = 60
const detokenized = z.object({ prompt: z.string() })

export async function thinkingPart(): Promise<Outcome> {
  const why = whyNoVllm()
  if (why !== undefined) return { kind: 'skipped', why }
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const port = await freePort()
  const place = openLoop('')
  const model = writeThinking(MODEL, join(place.folder, 'thinking'))
  const settings = { program: python.program, more: ['--reasoning-parser', 'qwen3'] }
  const vllm = await startVllm(settings, { model, name: 'base', port, folder: place.folder })
  const claims: Claim[] = []
  try {
    claims.push(...(await doctorTells(port)))
    for (const way of [
      { name: 'plain', sample: '' },
      { name: 'streamed', sample: 'stream: true' },
      { name: 'dropped', sample: 'reasoning: drop' },
      { name: 'switched off', sample: 'templateKwargs: { enable_thinking: false }' },
    ]) {
      claims.push(...(await drawn(port, way)))
    }
  } catch (error) {
    claims.push([`nothing broke: ${error instanceof Error ? error.message : String(error)}\n${endOf(vllm.log)}`, false])
  } finally {
    await vllm.stop()
    claims.push(['its port is free again', await isPortFree(port)])
    claims.push(['no process of it is left', processesOf(vllm.identity).length === 0])
    place.remove()
  }
  return allHold(claims)
}

/** @param sample more keys of `sample` */
function yaml(port: number, sample: string): string {
  return `name: small
problems: { train: [{ dataset: steps, level: main, count: 400 }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }], maxTokens: 48, concurrency: 16, ${sample} }
budget: { policy: { kind: constant, initial: 30 }, iterations: 1 }
train: none
serve: external
`
}

async function doctorTells(port: number): Promise<Claim[]> {
  const loop = openLoop(yaml(port, ''), { SPENDWISE_NO_CACHE: '1' })
  try {
    const { stdout } = await loop.command(['doctor', 'run.yaml', '--json'])
    return [
      [`doctor says that thinking is kept apart (${stdout})`, /keeps thinking in a field of its own/.test(stdout)],
      ['doctor says what opens it', /opened by \\"\\"/.test(stdout)],
    ]
  } finally {
    loop.remove()
  }
}

interface Row {
  readonly id: number
  readonly text: string
  readonly thinking: number
  readonly altered: number
  readonly finish: string
  readonly kind: string | null
}

async function drawn(port: number, { name, sample }: { name: string; sample: string }): Promise<Claim[]> {
  const loop = openLoop(yaml(port, sample), { SPENDWISE_NO_CACHE: '1' })
  try {
    const pilot = await loop.command(['plan', 'run.yaml', '--pilot', String(PILOT)])
    if (pilot.code !== 0) return [[`a pilot is drawn, ${name} (${pilot.code}: ${pilot.stderr})`, false]]
    const rows = query<Row>(
      loop,
      `select c.id, c.text, c.thinking, c.altered, c.finish_reason as finish, v.kind from completion c
        left join verdict v on v.completion = c.id where c.purpose = 'pilot' order by c.id`,
    )
    const wrote = await textsOf(loop, port, rows)
    const isExact = rows.every(({ text }, i) => text === wrote[i])
    const differing = rows.findIndex(({ text }, i) => text !== wrote[i])
    const both = `${JSON.stringify(rows[differing]?.text)} for ${JSON.stringify(wrote[differing])}`
    const ended = rows.filter(({ text, thinking }) => thinking > 0 && thinking < text.length)
    const cut = rows.filter(({ text, thinking }) => thinking > 0 && thinking === text.length)
    const counts = `${rows.length} completions, ${ended.length} with an end of thinking, ${cut.length} without`
    console.error(`thinking, ${name}: ${counts}`)
    const shared: Claim[] = [
      [`all are answered, ${name}`, rows.length === PILOT && rows.every((row) => row.finish !== 'failed')],
    ]
    if (name === 'dropped') {
      return [
        ...shared,
        ['what is left out is marked', rows.every(({ altered, thinking }) => altered === 1 && thinking === 0)],
      ]
    }
    if (name === 'switched off') {
      return [...shared, [`the text is the answer (${both})`, isExact && rows.every(({ altered }) => altered === 0)]]
    }
    return [
      ...shared,
      [`the text is what the model wrote, token for token, ${name} (${both})`, isExact],
      [`thinking ended in some and not in others, ${name} (${counts})`, ended.length > 5 && cut.length > 0],
      [`thinking without an end is no answer, ${name}`, cut.every(({ kind }) => kind !== 'correct')],
      [`nothing is altered, ${name}`, rows.every(({ altered }) => altered === 0)],
    ]
  } finally {
    loop.remove()
  }
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

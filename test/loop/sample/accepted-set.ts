/**
 * One iteration's accepted set, twice: drawn by many requests at once from a slow server with faults, and one request after the other from a quick
 * one without; and a third time, by walking over what was drawn.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRandom, hash32 } from '../../../src/core/seed.ts'
import { sampleIteration } from '../../../src/loop/sample/sampling.ts'
import { readRun } from '../database.ts'
import { openRun } from '../open-run.ts'
import { createWorkplace, toRows } from '../workplace.ts'

const TARGET = 30
const PROBLEMS = Array.from({ length: 40 }, (_, i) => ({ question: `Question ${i}?`, answer: String(i) }))

export interface Scene {
  /** Section `allocation`. */
  readonly allocation: string
  readonly deduplicate: 'none' | 'exact'
  readonly maxPerProblem: number | null
  readonly seed: number
}

const ALLOCATIONS = [
  '{ kind: uniform }',
  '{ kind: until-k, correct: 2 }',
  '{ kind: difficulty }',
  '{ kind: boundary }',
  '{ kind: heap }',
]

/** Sixty of them, all allocations and rules. */
export const SCENES: readonly Scene[] = [1, 2].flatMap((seed) =>
  ([null, 1, 3] as const).flatMap((maxPerProblem) =>
    (['none', 'exact'] as const).flatMap((deduplicate) =>
      ALLOCATIONS.map((allocation) => ({ allocation, deduplicate, maxPerProblem, seed })),
    ),
  ),
)

export interface AcceptedSets {
  readonly together: readonly string[]
  readonly oneByOne: readonly string[]
  readonly walked: readonly string[]
  /** Requests that failed at first. */
  readonly faults: number
}

export async function acceptedSets(scene: Scene): Promise<AcceptedSets> {
  const place = createWorkplace()
  place.write('problems.jsonl', toRows(PROBLEMS))
  try {
    const slow = await startServer(true)
    const together = await draw(place.folder, slow.baseURL, scene, 24)
    await slow.close()
    const quick = await startServer(false)
    const oneByOne = await draw(place.folder, quick.baseURL, scene, 1)
    await quick.close()
    return {
      together: together.accepted,
      oneByOne: oneByOne.accepted,
      walked: walk(together.drawn, scene),
      faults: slow.faults(),
    }
  } finally {
    place.remove()
  }
}

interface DrawnRow {
  readonly issue: number
  readonly problem: string
  readonly idx: number
  readonly text: string
  readonly isRight: boolean
}

/** Sequential rejection sampling over rows in the order of their numbers. */
function walk(drawn: readonly DrawnRow[], { deduplicate, maxPerProblem }: Scene): string[] {
  const accepted: string[] = []
  const texts = new Set<string>()
  const perProblem = new Map<string, number>()
  for (let issue = 0; accepted.length < TARGET; issue++) {
    const row = drawn[issue]
    if (row?.issue !== issue) throw new Error(`there is a hole at ${issue}`)
    if (!row.isRight) continue
    const text = `${row.problem}\n${row.text}`
    const taken = perProblem.get(row.problem) ?? 0
    if (deduplicate === 'exact' && texts.has(text)) continue
    texts.add(text)
    if (maxPerProblem !== null && taken >= maxPerProblem) continue
    perProblem.set(row.problem, taken + 1)
    accepted.push(`${row.problem}/${row.idx}`)
  }
  return accepted
}

async function draw(folder: string, baseURL: string, scene: Scene, concurrency: number) {
  const { allocation, deduplicate, maxPerProblem, seed } = scene
  const run = await openRun(
    folder,
    `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${baseURL}", model: base }], concurrency: ${concurrency} }
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 1, allocation: ${allocation} }
accept: { deduplicate: ${deduplicate}, maxPerProblem: ${maxPerProblem} }
seed: ${seed}
`,
  )
  const row = run.begin({ kind: 'accepted', count: TARGET })
  await sampleIteration(run.context, row, { checkpoint: run.base.id, model: 'base' }, 1)
  const { directory } = run.context
  await run.close()
  const rows = readRun(directory).rows(
    `select c.issue, p.id as problem, c.idx, c.text, v.kind = 'correct' and c.finish_reason = 'stop' as isRight, d.disposition
     from completion c join problem p on p.number = c.problem join verdict v on v.completion = c.id
       join disposition d on d.completion = c.id
     order by c.issue`,
  )
  return {
    drawn: rows.map((it) => ({ ...it, isRight: it.isRight === 1 }) as unknown as DrawnRow),
    accepted: rows
      .filter(({ disposition }) => disposition === 'accepted')
      .map(({ problem, idx }) => `${problem}/${idx}`),
  }
}

/** Harder problems are right less often and take longer; a tenth of the requests fail at first. */
async function startServer(isSlow: boolean) {
  const tried = new Set<string>()
  let faults = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const { messages, seed } = JSON.parse(body || '{"messages":[]}')
      const number = Number(/Question (\d+)\?/.exec(messages.at(-1)?.content ?? '')?.[1])
      const random = createRandom(hash32(`${number}/${seed}`))
      const isRight = random() < 0.85 - 0.02 * number
      const style = Math.floor(3 * random())
      const isFaulty = random() < 0.1
      const delayMs = isSlow ? (isRight ? 20 : 5) * random() + number / 4 : 0
      response.setHeader('content-type', 'application/json')
      const key = `${number}/${seed}`
      if (isSlow && isFaulty && !tried.has(key)) {
        tried.add(key)
        faults++
        response.statusCode = 500
        response.end('{"error":{"message":"no"}}')
        return
      }
      const content = `Way ${style}. #### ${isRight ? number : number + 1}`
      const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }]
      const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 }
      setTimeout(
        () => response.end(JSON.stringify({ id: 'x', object: 'chat.completion', model: 'base', choices, usage })),
        delayMs,
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    faults: () => faults,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

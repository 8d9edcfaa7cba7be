/** What a reload meets on the real vLLM: an output layer that is tied and stays behind, and two engines behind one address. */

import { join } from 'node:path'
import { freePort, MODEL, openLoop, query, type RealLoop } from '../real-loop.ts'
import { endOf, isPortFree, leftOf, serversOf, vllmCommand } from './server.ts'
import { type Base, type Claim, ended, type Program, RELOADS, runYaml, stepsOf, withLoop, withVllm } from './stage.ts'
import { writeUntied } from './untied.ts'

// A start for the base, and one for each checkpoint: the first reload is refuted, and none is tried again.
export async function tiedWeights(program: Program): Promise<Claim[]> {
  const port = await freePort()
  const command = JSON.stringify(vllmCommand({ program, development: true }))
  const serve = `{ kind: reload, readySeconds: 600, command: ${command} }`
  const loop = openLoop(runYaml({ port, model: MODEL, program }, { sample: 'concurrency: 16', serve }), {
    SPENDWISE_NO_CACHE: '1',
  })
  try {
    const run = await loop.run()
    const servers = serversOf(loop).length
    const steps = stepsOf(loop)
    const claims: Claim[] = [
      [`two iterations on a tied model end well (${ended(run)})`, run.code === 0],
      [
        'the run says what it met, once',
        run.stderr.concat(run.stdout).split('leaves old weights in place').length === 2,
      ],
      [`one reload was tried (${steps})`, steps.filter((step) => step === 'reloading').length === 1],
      [`the base and each checkpoint were started (${servers})`, servers === 3],
      [`nothing was sampled before its weights were proven (${early(loop)})`, early(loop) === 0],
      ['every checkpoint is proven', query(loop, 'select 1 from checkpoint where proven = 0').length === 0],
      ['no process of any server is left', leftOf(loop).length === 0],
      ['the port is free again', await isPortFree(port)],
    ]
    if (claims.some(([, holds]) => !holds)) console.error(endOf(join(loop.directory, 'server.log'), 30))
    return claims
  } finally {
    loop.remove()
  }
}

/** Completions of a checkpoint that were asked for before the last step of the hand-over that put it there. */
function early(loop: RealLoop): number {
  const [row] = query<{ n: number }>(
    loop,
    `select count(*) as n from attempt a join completion m on m.id = a.completion join checkpoint c on c.id = m.checkpoint
      where a.started_at < (select max(at) from hand_over h where h.step = 'proven' and h.weights like c.hash || '%')`,
  )
  return row?.n ?? -1
}

/** Two engines of somebody else: each is given the weights of both checkpoints, and each is proven. */
export function parallelEngines(program: Program): Promise<Claim[]> {
  const untied = (folder: string): string => writeUntied(MODEL, join(folder, 'untied'))
  const settings = { program, development: true, more: ['--data-parallel-size', '2'] }
  return withVllm(settings, untied, [bothAreReloaded])
}

function bothAreReloaded(base: Base): Promise<Claim[]> {
  const text = runYaml(base, { sample: 'concurrency: 16', serve: '{ kind: reload }', train: 'checkTokens: false' })
  return withLoop(text, async (loop) => {
    const before = await readings(base)
    const run = await loop.run()
    if (run.code !== 0) return [[`two iterations on two engines end well (${ended(run)})`, false]]
    const after = await readings(base)
    const version = await (await fetch(`http://127.0.0.1:${base.port}/weight_info`)).text()
    const checkpoints = query<{ hash: string; proven: number }>(
      loop,
      'select hash, proven from checkpoint order by iteration',
    )
    return [
      [`both engines have worked (${await ranksAtWork(base)})`, (await ranksAtWork(base)) === '0,1'],
      ['two iterations on two engines are done', loop.status().state === 'done'],
      [`both checkpoints were loaded and proven (${stepsOf(loop)})`, stepsOf(loop).join() === RELOADS],
      ['every checkpoint is proven, the base too', checkpoints.every(({ proven }) => proven === 1)],
      [`the server names the last weights (${version})`, version.includes(checkpoints.at(-1)?.hash ?? 'no hash')],
      ['each engine computes otherwise than before', after.every((reading, i) => reading !== before[i])],
      ['both compute the same', after[0] === after[1]],
    ]
  })
}

/** Log-probabilities of a prompt by each of the two engines, as text. */
async function readings({ port }: Base): Promise<string[]> {
  const body = JSON.stringify({ model: 'base', prompt: PROMPT, max_tokens: 1, temperature: 0, prompt_logprobs: 0 })
  const told: string[] = []
  for (const rank of ['0', '1']) {
    const headers = { 'content-type': 'application/json', 'x-data-parallel-rank': rank }
    const answer = await fetch(`http://127.0.0.1:${port}/v1/completions`, { method: 'POST', headers, body })
    const { choices } = (await answer.json()) as { choices: { prompt_logprobs: unknown }[] }
    told.push(JSON.stringify(choices[0]?.prompt_logprobs ?? rank))
  }
  return told
}

/** The ranks that have answered anything, by the server's own count. */
async function ranksAtWork({ port }: Base): Promise<string> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const ranks = metrics.matchAll(/^vllm:generation_tokens_total\{[^}]*engine="(\d+)"[^}]*\} [1-9]/gm)
  return [...ranks]
    .map(([, rank]) => rank)
    .sort()
    .join()
}

const PROMPT =
  '<|user|>Tom packs 3 pouches of 4 feathers. How many feathers does Tom have now?<|end|>\n<|assistant|>3*4='

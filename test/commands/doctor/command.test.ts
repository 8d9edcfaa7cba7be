/** Doctor with endpoints that are not as they should be: each is told of, and none hides another. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Finding } from '../../../src/core/finding.ts'
import { createWorkplace, freePort, makeProblems, toRows } from '../../loop/workplace.ts'

/** Answers everything with one text, whatever it is asked for. @param listed names in its list of models */
async function startDeaf(listed: readonly string[] = ['base']) {
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    if (request.url === '/v1/models') return void response.end(JSON.stringify({ data: listed.map((id) => ({ id })) }))
    if (!request.url?.endsWith('/completions')) return void response.writeHead(404).end('{}')
    const content = `one two three ${Math.random()} four`
    const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }
    const usage = { prompt_tokens: 3, completion_tokens: 5 }
    response.end(JSON.stringify({ model: 'base', choices: [choice], usage }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close }
}

test('one endpoint that is dead and one that ignores what it is asked', async ({ onTestFinished }) => {
  const deaf = await startDeaf()
  onTestFinished(deaf.close)
  const place = createWorkplace()
  onTestFinished(place.remove)
  place.write('problems.jsonl', toRows(makeProblems(5)))
  const dead = `http://127.0.0.1:${await freePort()}/v1`
  place.write(
    'run.yaml',
    `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${deaf.baseURL}", model: base }, { baseURL: "${dead}", model: base }], stop: ["\\nQuestion:"] }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
`,
  )
  const { code, stdout } = await place.run(['doctor', 'run.yaml', '--json'])
  expect(code).toBe(3)
  const endpoints = (JSON.parse(stdout) as Finding[]).filter(({ subject }) => subject === 'endpoint')
  const said = endpoints.map(({ level, text }) => `${level}: ${text}`)
  expect(said).toEqual([
    `ok: ${deaf.baseURL} serves base.`,
    `note: ${deaf.baseURL} takes seed and ignores it: the same seed gives other texts, so nothing can be sampled again as it was; what is stored counts.`,
    `problem: ${deaf.baseURL} takes stop and ignores it: texts run on past sample.stop; raise no hopes in completions of a base model.`,
    `note: ${deaf.baseURL} takes n and ignores it: one completion a request, which is all that is ever asked for.`,
    `note: ${deaf.baseURL} takes logprobs and ignores it: no log probabilities.`,
    expect.stringMatching(new RegExp(`^unreachable: Nobody answers at ${dead}`)),
  ])
})

test('a server that lists no model is asked for completions before it is judged', async ({ onTestFinished }) => {
  const deaf = await startDeaf([])
  onTestFinished(deaf.close)
  const place = createWorkplace()
  onTestFinished(place.remove)
  place.write('problems.jsonl', toRows(makeProblems(5)))
  place.write(
    'run.yaml',
    `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${deaf.baseURL}", model: models/base }] }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
train: none
serve: external
`,
  )
  const { code, stdout } = await place.run(['doctor', 'run.yaml'])
  expect(code).toBe(0)
  expect(stdout).toContain(`${deaf.baseURL} lists no model; whether it serves models/base, completions tell.`)
  expect(stdout).toContain('3 of 3 completions ended by themselves')
})

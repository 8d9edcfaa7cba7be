/** A place to break: a run in it that is through with its sampling, copies of it, and whether they are still whole. */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createWorkplace, makeProblems, toRows, type Workplace } from '../../loop/workplace.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'

export const PROBLEMS = makeProblems(80)
export const TARGET = 30

/** A test server, and a folder with a run called whole that is through with its sampling. */
export async function openBrokenPlace(): Promise<{ readonly server: TestServer; readonly place: Workplace }> {
  const server = await createTestServer({ problems: PROBLEMS, modelNames: ['base'], latencyMs: 5 })
  const place = createWorkplace()
  place.write('problems.jsonl', toRows(PROBLEMS))
  place.write('other.jsonl', toRows(makeProblems(80, 1000)))
  place.write('run.yaml', yaml(server.baseURL))
  const ended = await place.run(['run', 'run.yaml', '--dir', 'whole', '--quiet'])
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('--checkpoint PATH|MODEL') })
  return { server, place }
}

export function yaml(baseURL: string, rest = 'train: none', extra = ''): string {
  return `name: broken
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${baseURL}", model: base${extra} }], concurrency: 8 }
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 1 }
${rest}
`
}

/** A copy of the run that is through with its sampling. */
export function copyOfRun(place: Workplace, name: string): string {
  cpSync(place.at('whole'), place.at(name), { recursive: true })
  return name
}

/** Through with its sampling: n_t accepted, and the data are there. */
export function expectWhole(place: Workplace, run: string): void {
  const status = place.status(run)
  expect(status.state).toBe('waiting')
  expect(status.iterations[0]).toMatchObject({ state: 'training', accepted: TARGET, target: TARGET })
}

export function contentOf(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))))
}

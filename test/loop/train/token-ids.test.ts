/** The server's own token ids of what it sampled: told, stored, and brought to the recipe next to the text. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { charactersOf, createTokenServer, END_OF_TEXT, type TokenServer } from '../../server/token-server.ts'
import { createWorkplace, toRows, trainCommand, type Workplace, writeBase } from '../workplace.ts'

let place: Workplace
let server: TokenServer

beforeAll(async () => {
  place = createWorkplace()
  const problems = Array.from({ length: 8 }, (_, i) => ({ id: `p${i}`, question: `${i}+${4 - i}?`, answer: '4' }))
  place.write('train.jsonl', toRows(problems))
  writeBase(place, 1)
  server = await createTokenServer({ tells: ['ids'] })
})
afterAll(async () => {
  await server.close()
  place.remove()
})

/** The rows that its first iteration trained on. */
async function rowsOf(name: string, train: string, sample = ''): Promise<readonly Record<string, unknown>[]> {
  place.write(
    `${name}.yaml`,
    `name: ${name}
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], stream: false${sample} }
budget: { policy: { kind: constant, initial: 8 }, iterations: 1 }
accept: { deduplicate: none }
train: { kind: command, command: ${JSON.stringify(trainCommand())}${train} }
serve: external
`,
  )
  const { code, stderr } = await place.run(['run', `${name}.yaml`, '--quiet'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const lines = readFileSync(place.at(`runs/${name}/iterations/00/dataset.jsonl`), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line))
}

test('rows bring the ids with the end of text, those of a stop string too, where a recipe is said to read them', async () => {
  const asked = await rowsOf('on', ', tokenIds: on')
  expect(asked).toHaveLength(8)
  for (const row of asked) {
    expect(row).toMatchObject({ completion: [{ role: 'assistant', content: ' 4' }] })
    expect(row.completion_ids).toEqual([...charactersOf(' 4'), END_OF_TEXT])
  }
  const [stopped] = await rowsOf('stopped', ', tokenIds: on', ', stop: ["\\nQ"]')
  expect(stopped?.completion_ids).toEqual([...charactersOf(' 4'), ...charactersOf('\nQ')])
})

test('a program of which nothing is known gets the two texts alone', async () => {
  for (const row of await rowsOf('auto', '')) expect(Object.keys(row)).toEqual(['prompt', 'completion'])
})

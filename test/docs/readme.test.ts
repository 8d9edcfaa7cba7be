/**
 * Every block of the README, in its order, in a newcomer's folder. Two are tried elsewhere: `npm start` and `npm test` by what they
 * are (and the stack's part `quickstart`), the installation from a tarball by the stack's part `newcomer`.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRun } from '../loop/database.ts'
import { freePort } from '../loop/workplace.ts'
import { programPath } from '../program.ts'
import { PROJECT } from '../source-text.ts'
import { type Block, blocksOf } from './blocks.ts'
import { openPlace, type Place } from './place.ts'
import { shownInWalkthrough, writeWalkthrough } from './walkthrough-files.ts'

const README = readFileSync(join(PROJECT, 'README.md'), 'utf8')
const blocks = blocksOf(README)
const FIRST_TARGET = 16

let place: Place
let port: number

beforeAll(async () => {
  place = await openPlace([process.execPath, programPath()])
  port = await freePort()
})
afterAll(() => place.close())

/** The block that has these words, and what stands in the fence behind it. */
function blockWith(words: string): { readonly block: Block; readonly shown: string } {
  const at = blocks.findIndex(({ language, text }) => language !== 'text' && text.includes(words))
  const block = blocks[at]
  if (block === undefined) throw new Error(`README has no block with ${words}`)
  return { block, shown: blocks[at + 1]?.language === 'text' ? (blocks[at + 1]?.text ?? '') : '' }
}

test('there is no block that nothing below looks at', () => {
  expect(blocks.map(({ language, title }) => `${language} ${title}`.trim())).toEqual([
    'sh',
    'text',
    'sh',
    'yaml run.yaml',
    'sh',
    'sh doctor',
    'text',
    'sh',
    'text',
  ])
})

test('the two commands and the installation are scripts of the package', () => {
  const { scripts, bin } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
  const { block } = blockWith('npm start')
  expect(block.text.match(/npm (?!ci)\w+/g)).toEqual(['npm start', 'npm test'])
  expect(scripts).toMatchObject({ start: expect.any(String), test: expect.any(String), prepack: expect.any(String) })
  expect(blockWith('npm pack').block.text).toContain(Object.keys(bin)[0])
})

test('the ten lines work as they stand, with fewer traces and on a port that is free', async () => {
  const { block } = blockWith('base: models/qwen')
  expect(block.text.trimEnd().split('\n').length).toBeLessThanOrEqual(11)
  expect(block.text).toContain('initial: 2048')
  place.write('run.yaml', block.text.replace('initial: 2048', `initial: ${FIRST_TARGET}`).replace(':8000', `:${port}`))
  const { code, output } = await place.sh(blockWith('spendwise doctor run.yaml').block.text)
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  expect(output).toContain('ok    problems: 200 to train on, 500 for the gate, 30 to evaluate.')
  const name = place.folder.split('/').at(-1) ?? ''
  const accepted = readRun(join(place.folder, 'runs', name)).rows(
    "select c.iteration, count(*) as n from disposition d join completion c on c.id = d.completion where d.disposition = 'accepted' group by 1",
  )
  expect(accepted).toEqual([0, 1, 2].map((t) => ({ iteration: t, n: FIRST_TARGET * 2 ** t })))
  const rows = readFileSync(join(place.folder, 'sft.jsonl'), 'utf8').trimEnd().split('\n')
  expect(rows).toHaveLength(FIRST_TARGET * 7)
})

test("doctor's output is the walkthrough's, which is printed by vLLM itself, and the test server gets the same but for numbers and answers", async () => {
  const { block, shown } = blockWith('doctor small.yaml')
  expect(shownInWalkthrough(block.text)).toBe(shown)
  expect((await writeWalkthrough(place, port)).code).toBe(0)
  const { code, output } = await place.sh(block.text)
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  const shape = (text: string): string[] =>
    text
      .split('\n')
      // What training takes is read from the model's own files, which the test server's has not.
      .filter((line) => /^(?:ok|note|warn|error) /.test(line) && !line.includes('billion parameters'))
      .map((line) =>
        line
          .replaceAll(/ of \d[\d.]* GB each.*$/g, '.')
          // The test server counts its tokens, and gives no ids.
          .replace('by the number of their tokens', 'token by token')
          .replaceAll(/(answer read as .*|no answer found), gold \S+: .*$/g, 'an answer')
          .replaceAll(/(?:\/[\w.-]+)+/g, '/…')
          .replaceAll(/\d[\d.,]*/g, '0'),
      )
  expect(shape(output).length).toBeGreaterThan(8)
  expect(shape(output)).toEqual(shape(shown))
})

test('the explained verdict is printed to the letter', async () => {
  const { block, shown } = blockWith('spendwise verify')
  expect(await place.sh(block.text)).toEqual({ code: 0, output: shown })
})

test('the picture is there', () => {
  const [, picture = ''] = /!\[[^\]]+\]\(([^)]+)\)/.exec(README) ?? []
  expect(existsSync(join(PROJECT, picture))).toBe(true)
})

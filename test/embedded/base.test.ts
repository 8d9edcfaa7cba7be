import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createVocabulary, stepsVocabulary } from '../../scripts/vocabulary.ts'
import { hashCheckpoint, readCheckpoint } from '../../src/embedded/model/checkpoint.ts'
import { createTokenizer } from '../../src/embedded/model/tokenizer.ts'
import { readStepsFile } from '../../src/problems/steps/file.ts'
import { generateSteps } from '../../src/problems/steps/steps.ts'

const SHIPPED = fileURLToPath(new URL('../../assets/embedded/base', import.meta.url))
const file = readStepsFile()

test('the script that makes the base gives the same bytes again, with any number of threads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'base-'))
  try {
    const hashes = [1, 2].map((threads) => {
      const out = join(folder, `threads${threads}`)
      const flags = ['--out', out, '--steps', '3', '--decay-steps', '2', '--threads', String(threads)]
      execFileSync(process.execPath, ['scripts/make-base-checkpoint.ts', ...flags], { stdio: 'ignore' })
      return hashCheckpoint(out)
    })
    expect(hashes[0]).toBe(hashes[1])
    // Equal on every machine, too: no engine's own exponential or cosine takes part.
    expect(hashes[0]).toMatchInlineSnapshot(`"sha256:bbc26e5afa48b825742db92956ad8c92ed188848cb1ccdc4dc5cea58d7678471"`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the shipped base is whole: its weights are those of its metrics, its vocabulary that of the templates', () => {
  const metrics = JSON.parse(readFileSync(join(SHIPPED, 'metrics.json'), 'utf8'))
  expect(hashCheckpoint(SHIPPED)).toBe(`sha256:${metrics.checkpoint.sha256}`)
  const { vocabulary, parameters } = readCheckpoint(SHIPPED)
  expect(vocabulary).toEqual(createVocabulary(stepsVocabulary(file)))
  expect(parameters.length).toBeLessThan(120_000)
})

test('every problem of the templates fits the context with its solution, word by word', () => {
  const { shape, vocabulary } = readCheckpoint(SHIPPED)
  const tokenizer = createTokenizer(vocabulary)
  for (const level of Object.keys(file.levels)) {
    for (const { question, solution } of generateSteps({ file, level, count: 500, seed: 5, split: 'evaluate' })) {
      const tokens = tokenizer.encode(`${question}\n${solution}`)
      expect(tokens.length).toBeLessThan(shape.context)
      const spelled = tokens.map(tokenizer.textOf).filter((text) => /^[A-Za-z]$/.test(text) && text !== 'A')
      expect(spelled, question).toEqual([])
    }
  }
})

/** Whoever uses a registry takes it as a parameter: one more member of each, as docs/extending.md describes it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { registerRun } from '../src/commands/run/command.ts'
import type { RunCommand } from '../src/commands/run/work.ts'
import { parseRunConfig } from '../src/config/parse.ts'
import { diffForResume } from '../src/config/resume.ts'
import { createRunSchemas, RUN_KINDS, type RunConfig } from '../src/config/schema.ts'
import { SERVE_SECTIONS } from '../src/config/sections/serve.ts'
import { TRAIN_SECTIONS, trainerKind } from '../src/config/sections/train.ts'
import { FORMULAS } from '../src/core/budget/formulas.ts'
import { runTargets } from '../src/core/budget/next-target.ts'
import type { DatasetKind } from '../src/core/datasets.ts'
import type { Trainer } from '../src/core/trainer.ts'
import { type ExportFormat, exportLine, FORMATS } from '../src/export/formats.ts'
import { HAND_OVERS, handOverEngine } from '../src/loop/serve/hand-overs.ts'
import { createTools, ENGINES } from '../src/loop/tools.ts'
import { TRAINERS, trainerEngine } from '../src/loop/train/trainers.ts'
import { publishedImporter } from '../src/problems/datasets/hub.ts'
import { importers } from '../src/problems/datasets/importers.ts'
import type { PublishedSet } from '../src/problems/datasets/published.ts'
import { loadRows } from '../src/problems/load.ts'
import { CHARTS, reportCharts } from '../src/report/html/report.ts'
import { createExternalServer } from '../src/serve/external.ts'
import { REASONS, reasonOf } from '../src/verify/reasons.ts'
import { realisticView } from './report/fixtures.ts'

const RUN = (more: string): string => `
problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:9/v1", model: base }] }
budget: { policy: { kind: constant, initial: 5 }, iterations: 3 }
${more}`

const nothing: Trainer = {
  pollMs: 0,
  patienceMs: 0,
  submit: async (job) => ({ engine: 'pigeon', id: job.key }),
  find: async () => undefined,
  status: async () => ({ state: 'succeeded', reason: 'it came back', exitCode: 0 }),
  cancel: async () => undefined,
}

const train = {
  ...TRAIN_SECTIONS,
  pigeon: trainerKind(
    'pigeon',
    'Trains by pigeon.',
    {
      loft: z
        .string()
        .describe('Where it lives.')
        .meta({ examples: ['north'] }),
    },
    { defaults: { batch: 7, lr: 1e-4, lrSchedule: 'run-constant', stopSeconds: 60 }, mayChange: ['loft'] },
  ),
}
const trainers = {
  ...TRAINERS,
  pigeon: {
    startsProgram: false,
    create: () => nothing,
    check: () => [{ level: 'ok', subject: 'trainer', text: 'The loft is warm.' } as const],
  },
}

test('a trainer: its section, and how it is made and looked at', async () => {
  const schemas = createRunSchemas({ ...RUN_KINDS, train })
  const parse = (loft: string): RunConfig =>
    parseRunConfig({ text: RUN(`train: { kind: pigeon, loft: ${loft} }`), file: 'run.yaml' }, schemas)
  const config = parse('north')
  expect(config.train).toMatchObject({ kind: 'pigeon', loft: 'north', batch: 7, lr: 1e-4, epochs: 1 })
  expect(() => parseRunConfig({ text: RUN('train: pigeon'), file: 'run.yaml' }, schemas)).toThrow(/train\.loft/)
  expect(() => parseRunConfig({ text: RUN('train: pigeon'), file: 'run.yaml' })).toThrow(/train\.kind is "pigeon"/)
  expect(diffForResume(config, parse('south'), { ...RUN_KINDS, train })).toEqual({
    refused: [],
    changed: ['train.loft'],
  })
  const input = { config, directory: '/run', configDirectory: '/' }
  expect(await trainerEngine(config, trainers).check(input, config.train)).toMatchObject([
    { text: 'The loft is warm.' },
  ])
  const tools = await createTools(input, { ...ENGINES, trainers })
  await tools.close()
  expect(tools.trainer).toBe(nothing)
})

test('a hand-over: its section, and where a checkpoint is served then', async () => {
  const serve = { ...SERVE_SECTIONS, shout: z.strictObject({ kind: z.literal('shout'), loud: z.boolean() }) }
  const schemas = createRunSchemas({ ...RUN_KINDS, serve })
  const config = parseRunConfig({ text: RUN('serve: { kind: shout, loud: true }'), file: 'run.yaml' }, schemas)
  const endpoint = { baseURL: 'http://127.0.0.1:9/v1', apiKey: undefined, apiKeyEnv: undefined }
  const server = createExternalServer({ baseURL: endpoint.baseURL, model: 'heard' })
  const handOvers = {
    ...HAND_OVERS,
    shout: { server: 'elsewhere', takesAdapters: false, create: () => ({ endpoint, server }) } as const,
  }
  expect(handOverEngine(config, handOvers).server).toBe('elsewhere')
  const tools = await createTools({ config, directory: '/run', configDirectory: '/' }, { ...ENGINES, handOvers })
  await tools.close()
  expect(tools.server).toBe(server)
})

test('a budget policy that follows a formula: one row', () => {
  const formulas = {
    ...FORMULAS,
    square: {
      text: 'n_t = initial (1 + pace t)^2.',
      parameter: { name: 'pace', above: 0, advice: 'pace is above 0. Write pace: 1.', text: 'How fast.', example: 1 },
      at: (initial: number, pace: number, t: number) => initial * (1 + pace * t) ** 2,
      words: (initial: number, pace: number) => `${initial} (1 + ${pace} t)^2`,
    },
  }
  const schemas = createRunSchemas({ ...RUN_KINDS, formulas })
  const sets = ['budget.policy={ kind: square, initial: 10, pace: 2 }']
  const { budget } = parseRunConfig({ text: RUN(''), file: 'run.yaml', sets }, schemas)
  expect(runTargets({ ...budget, formulas }).map(({ count }) => count)).toEqual([10, 90, 250])
  const wrong = ['budget.policy={ kind: square, initial: 10, pace: 0 }']
  expect(() => parseRunConfig({ text: RUN(''), file: 'run.yaml', sets: wrong }, schemas)).toThrow(/pace is above 0/)
})

test('a rule of the verifier: its reason', () => {
  expect(reasonOf('parity', { ...REASONS, parity: 'both sides are even' })).toBe('both sides are even')
})

test('an export format: one row', () => {
  const formats = {
    ...FORMATS,
    shout: {
      rows: 'accepted',
      columns: { loud: 'text' },
      object: ({ completion }: { completion: string }) => ({ loud: completion.toUpperCase() }),
    } as const,
  }
  const row = { prompt: [{ role: 'user', content: 'hi' } as const], completion: 'ho' }
  expect(exportLine('shout' as ExportFormat, row, formats)).toBe('{"loud":"HO"}')
})

test('a dataset with a file format of its own: a published set that reads its file', () => {
  const place = join(mkdtempSync(join(tmpdir(), 'flock-')), 'sums.flock')
  writeFileSync(place, '2 + 2 => 4\n3 + 3 => 6\n')
  const flock: PublishedSet = {
    repo: 'loft/flock',
    fields: { question: 'sum', answer: 'total' },
    read: (path) =>
      readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line, number) => {
          const [sum, total] = line.split(' => ')
          return { number, place: `${path}:${number + 1}`, value: { sum, total } }
        }),
    licence: 'MIT',
    quirk: 'It is short.',
  }
  const kinds = { ...importers, flock: publishedImporter(flock) }
  const read = (more: object) => loadRows({ dataset: 'flock' as DatasetKind, ...more }, '/', () => undefined, kinds)
  expect(read({ path: place }).map(({ problem }) => [problem.question, problem.answer])).toEqual([
    ['2 + 2', '4'],
    ['3 + 3', '6'],
  ])
  expect(read({ path: place, take: 'last-1' }).map((row) => row.place)).toEqual([`${place}:2`])
  // As it lies on the Hub, once its files are fetched.
  expect(read({ files: [place] })).toHaveLength(2)
  expect(() => read({ path: place, count: 3 })).toThrow(/flock source of train has count, .* allowed keys: path, /)
  rmSync(dirname(place), { recursive: true })
})

test('a chart of the report: one more in the list', async () => {
  const chart = () => ({
    id: 'flock',
    title: 'Pigeons by day',
    caption: 'More is better.',
    alt: 'two days',
    legend: [],
    option: () => ({
      xAxis: { type: 'category', data: ['a', 'b'] },
      yAxis: { type: 'value' },
      series: [{ type: 'bar', data: [3, 4] }],
    }),
  })
  const ours = await reportCharts(realisticView())
  const more = await reportCharts(realisticView(), [...CHARTS, chart, () => undefined])
  expect(more).toHaveLength(ours.length + 1)
  expect(more.at(-1)?.markup).toMatch(/id="chart-flock".*Pigeons by day.*<svg/s)
})

test('a flag of run: the option, which reaches the work as it is', async () => {
  const program = new Command().exitOverride()
  const asked: RunCommand[] = []
  registerRun(program, async (command) => void asked.push(command))
  program.commands[0]?.option('--loud <how>', 'one more')
  await program.parseAsync(['run', 'my-run', '--loud', 'very', '--quiet'], { from: 'user' })
  expect(asked).toEqual([{ run: 'my-run', flags: { loud: 'very', quiet: true, cache: true }, only: undefined }])
})

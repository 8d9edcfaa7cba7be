/** A run begins with its files whole, and continues only as the run that it was. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import { promptOf, type RunSource, readRunFiles, startRun } from '../../src/loop/start.ts'
import { FOLDER } from '../../src/run/folder.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../store/hand-made-run.ts'
import { makeProblems, toRows } from './workplace.ts'

const NEVER = new AbortController().signal

const YAML = `name: small
problems: { train: [{ dataset: jsonl, path: train.jsonl }], gate: [{ dataset: jsonl, path: gate.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:1/v1", model: base }] }
budget: { policy: { kind: constant, initial: 4 }, iterations: 3 }
serve: external
train: none
`

const configOf = (text: string) => parseRunConfig({ text, file: 'run.yaml' })

interface Place {
  readonly folder: string
  readonly store: Store
  /** Starts again; `named` as people name it. */
  again(named: RunSource['named'], text?: string): ReturnType<typeof startRun>
}

/** A run that has begun, in a folder of its own with its run.yaml beside it. */
async function begun(): Promise<Place & { readonly started: ReturnType<typeof startRun> }> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'train.jsonl'), toRows(makeProblems(6)))
  writeFileSync(join(folder, 'gate.jsonl'), toRows(makeProblems(3, 100), 'g'))
  const store = openStore(join(folder))
  onTestFinished(() => store.close())
  const configPath = join(folder, 'run.yaml')
  const config = configOf(YAML)
  const files = await readRunFiles(config, folder, NEVER)
  const started = startRun(store, folder, { config, configPath, named: 'file' }, files)
  const again: Place['again'] = (named, text = YAML) =>
    startRun(store, folder, { config: configOf(text), configPath, ...(named && { named }) }, undefined)
  return { folder, store, again, started }
}

test('a new run has the problems of its files, and says in its folder how it is configured', async () => {
  const { started, store, folder } = await begun()
  expect(started.resumed).toBe(false)
  expect(started.problems.train.map(({ id }) => id)).toHaveLength(6)
  expect(started.problems.gate).toHaveLength(3)
  expect(started.problems.evaluate).toEqual([])
  expect(started.commonSeeds).toBe(true)
  expect(Object.values(started.weights)).toEqual([1])
  expect(started.prompts).toEqual(store.run.prompts())
  expect(store.run.read()).toMatchObject({ name: 'small', state: 'new', commonSeeds: true })
  expect(Object.keys(JSON.parse(store.run.read()?.files ?? '{}'))).toEqual(['train.jsonl', 'gate.jsonl'])
  expect(readFileSync(join(folder, FOLDER.config), 'utf8')).toContain('initial: 4')
})

test('a run that is new needs its files, and without them nothing is left behind', async () => {
  const folder = temporaryFolder()
  const store = openStore(folder)
  onTestFinished(() => store.close())
  const source = { config: configOf(YAML), configPath: join(folder, 'run.yaml') }
  expect(() => startRun(store, folder, source, undefined)).toThrow('A run that is new needs its files.')
  expect(store.run.read()).toBeUndefined()
  expect(existsSync(join(folder, FOLDER.config))).toBe(false)
})

test('it continues with what it has stored, and says nothing where nothing has changed', async () => {
  const { again, started } = await begun()
  for (const named of ['file', 'folder', undefined] as const) {
    const { resumed, notes, problems, weights, prompts } = again(named)
    expect(resumed).toBe(true)
    expect(notes).toEqual([])
    expect({ problems, weights, prompts }).toEqual({
      problems: started.problems,
      weights: started.weights,
      prompts: started.prompts,
    })
  }
})

test.each(['train.jsonl', 'gate.jsonl'])(
  'named by its file, a run whose %s has other problems is another run; named by its folder it continues',
  async (name) => {
    const { folder, again } = await begun()
    writeFileSync(join(folder, name), toRows(makeProblems(6, 1000)))
    expect(() => again('file')).toThrow(
      `${join(folder, name)} is not the problem file that run small began with; give this run another name (name: in ${join(folder, 'run.yaml')}, or --dir), or put the file back.`,
    )
    expect(again('folder').problems.train[0]?.question).toBe('What is 0 plus 1?')
    expect(again(undefined).resumed).toBe(true)
  },
)

test('what may change is changed, stored and told; what makes it another run is refused', async () => {
  const { again, store, folder } = await begun()
  const longer = YAML.replace('iterations: 3', 'iterations: 5')
  expect(again('file', longer).notes).toEqual(['Changed since the last start: budget.iterations.'])
  expect(JSON.parse(store.run.read()?.config ?? '{}')).toMatchObject({ budget: { iterations: 5 } })
  expect(readFileSync(join(folder, FOLDER.config), 'utf8')).toContain('iterations: 5')
  expect(again('file', longer).notes).toEqual([])
  expect(() => again('file', longer.replace('initial: 4', 'initial: 8'))).toThrow(/budget\.policy/)
  expect(JSON.parse(store.run.read()?.config ?? '{}')).toMatchObject({ budget: { policy: { initial: 4 } } })
})

test('a run.yaml that lies elsewhere by now is remembered', async () => {
  const { store, folder } = await begun()
  const configPath = join(folder, 'moved.yaml')
  const { notes } = startRun(store, folder, { config: configOf(YAML), configPath }, undefined)
  expect(notes).toEqual([])
  expect(store.run.read()?.configPath).toBe(configPath)
})

test('a seam is told of until the first iteration behind it has begun', async () => {
  const { again, store } = await begun()
  store.iterations.plan(0, { kind: 'accepted', count: 4 })
  store.iterations.setState(0, 'done')
  const longer = YAML.replace('iterations: 3', 'iterations: 5')
  store.run.extend(JSON.stringify(configOf(longer)), [{ key: 'iterations', was: 3, now: 5, after: 0 }], () => undefined)
  expect(again('file', longer).notes).toEqual([
    'Extended after iteration 0: budget.iterations from 3 to 5; iterations up to it stay as the smaller budget left them.',
  ])
  store.iterations.plan(1, { kind: 'accepted', count: 4 })
  expect(again('file', longer).notes).toEqual([])
})

test('a prompt is the built-in one where none is named, and is for the API that the run speaks', async () => {
  const { folder } = await begun()
  const prompt = (api: string): string =>
    `---\nname: mine\napi: ${api}\n---\n${api === 'chat' ? '## user\n' : ''}Q: {{question}}\n`
  const path = join(folder, 'mine.md')
  writeFileSync(path, prompt('completions'))
  const text = configOf(YAML.replace('model: base }]', 'model: base }], api: completions'))
  expect(promptOf(undefined, text, folder)).toMatchObject({ api: 'completions' })
  expect(promptOf('mine.md', text, folder)).toMatchObject({ name: 'mine', api: 'completions' })
  expect(() => promptOf('mine.md', configOf(YAML), folder)).toThrow(
    'mine.md  is a prompt for api: completions, but sample.api is chat; make them agree.',
  )
})

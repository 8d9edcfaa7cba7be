/** What a new user gets wrong before anything runs: one sentence, exit code 2, and nothing left behind. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkplace, makeProblems, toRows, type Workplace } from '../loop/workplace.ts'
import { expectOneSentence } from './sentence.ts'

const RUN = `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample:
  endpoints: [{ baseURL: "http://127.0.0.1:9/v1", model: base }]
budget: { policy: { kind: constant, initial: 10 }, iterations: 1 }
`
const with_ = (was: string, is: string): string => {
  expect(RUN).toContain(was)
  return RUN.replace(was, is)
}

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
  const rows = toRows(makeProblems(3))
  place.write('problems.jsonl', rows)
  place.write('run.yaml', RUN)
  place.write('empty.jsonl', '')
  place.write('blank.jsonl', '\n\n')
  place.write('twice.jsonl', rows + rows)
  place.write('broken.jsonl', `${rows}{"id": "x", "question": "What\n`)
  place.write('no-answer.jsonl', '{"id":"a","question":"What?"}\n')
  place.write('malformed.yaml', 'problems: [\n  a: {\n')
  place.write('unknown-key.yaml', with_('sample:', 'sample:\n  temprature: 1'))
  place.write('wrong-type.yaml', with_('initial: 10', 'initial: ten'))
  place.write('two-faults.yaml', with_('initial: 10', 'initial: 0').replace('model: base', 'modle: base'))
  for (const name of ['missing', 'empty', 'blank', 'twice', 'broken', 'no-answer']) {
    place.write(`${name}-problems.yaml`, with_('problems.jsonl', `${name}.jsonl`))
  }
  place.write('no-prompt.yaml', `${RUN}prompt: { sampling: nothing.md }\n`)
  place.write('wrong-prompt.yaml', `${RUN}prompt: { sampling: prompt.md }\n`)
  place.write('prompt.md', 'no front matter, no placeholder\n')
  place.write('key-in-file.yaml', with_('model: base', 'model: base, apiKeyEnv: sk-12345-secret'))
  place.write('user-in-url.yaml', with_('http://127.0.0.1', 'http://me:hunter2@127.0.0.1'))
  place.write('not-a-folder', 'a file')
  mkdirSync(place.at('some-folder'))
})
afterAll(() => place.remove())

const ROWS: readonly [title: string, args: string, says: RegExp][] = [
  ['malformed YAML', 'run malformed.yaml', /^malformed\.yaml:3 {2}is not valid YAML: /],
  [
    'an unknown key',
    'run unknown-key.yaml',
    /^unknown-key\.yaml:3 {2}sample\.temprature .* did you mean temperature\?/,
  ],
  ['a value of another type', 'plan wrong-type.yaml', /^wrong-type\.yaml:4 {2}budget\.policy\.initial is "ten"; /],
  ['a problem file that is not there', 'run missing-problems.yaml', /missing\.jsonl {2}does not exist; /],
  ['a dataset without a row', 'run empty-problems.yaml', /empty\.jsonl {2}holds no problems; /],
  ['a dataset of blank lines', 'run blank-problems.yaml', /blank\.jsonl {2}holds no problems; /],
  ['two problems with one id', 'run twice-problems.yaml', /twice\.jsonl:4 {2}has the id p0, as .*twice\.jsonl:1 has; /],
  ['a row that is no JSON', 'run broken-problems.yaml', /broken\.jsonl:4 {2}is not valid JSON /],
  ['a row without an answer', 'run no-answer-problems.yaml', /no-answer\.jsonl:1 {2}"answer" is missing; /],
  ['the same, asked for a plan', 'plan twice-problems.yaml', /twice\.jsonl:4 {2}has the id p0/],
  ['a prompt that is not there', 'run no-prompt.yaml', /nothing\.md/],
  ['a prompt that is none', 'run wrong-prompt.yaml', /prompt\.md/],
  ['a key in place of its variable', 'run key-in-file.yaml', /apiKeyEnv is not shown here; /],
  ['a password in the URL', 'run user-in-url.yaml', /baseURL is not shown here; /],
  ['a run.yaml that is not there', 'run nothing.yaml', /no run or run\.yaml called nothing\.yaml; /],
  ['a name that no run has', 'status nobody', /no run or run\.yaml called nobody; /],
  ['a folder without a run', 'status some-folder', /^some-folder holds neither a run nor a run\.yaml; /],
  [
    'a run.yaml that has not been run',
    'status run.yaml',
    /^spendwise-work-\w+ has not been run yet .*start it with: spendwise run run\.yaml/,
  ],
  [
    'a file that is not what its name says',
    'export run.yaml --compress gzip --out x.jsonl',
    /; end it in \.jsonl\.gz\./,
  ],
  ['zstd around JSON lines', 'export run.yaml --compress zstd --out x/', /^--compress zstd is for Parquet; /],
  ['shards of one file', 'export run.yaml --shard-rows 5 --out x.jsonl', /^--shard-rows belongs to a dataset folder; /],
  [
    'solve rates that no problem has',
    'export run.yaml --min-solve-rate 0.9 --max-solve-rate 0.1 --out x',
    /no trace fits/,
  ],
  [
    'a similarity of all words',
    'export run.yaml --similarity 1 --out x',
    /'1' is invalid\. Give a number between 0 and 1/,
  ],
  ['exporting what has not been run', 'export run.yaml --out x.jsonl', /^spendwise-work-\w+ has not been run yet /],
  ['a missing RUN of run', 'run', /missing required argument 'run'/],
  ['status where no run is', 'status', /no runs under runs/],
  ['view where no run is', 'view', /no runs under runs/],
  ['a port that is none', 'view --port 70000', /Give a port/],
  ['a diff of what is not there', 'diff x@1 y', /no run or run.yaml called x/],
  ['a missing RUN of plan', 'plan', /missing required argument 'run'/],
  ['a missing RUN of export', 'export --out x', /missing required argument 'run'/],
  ['a missing RUN of train', 'train', /missing required argument 'run'/],
  [
    'an export into a folder that is not there',
    'export run.yaml --out missing/x.jsonl',
    /there is no folder missing; make it/,
  ],
  [
    'problems with an option about traces',
    'export run.yaml --format grpo-trl --balance level --out x.jsonl',
    /^--balance is about traces, /,
  ],
  [
    'an extension of what has not been run',
    'run run.yaml --extend iterations=3',
    /^--extend {2}is for a run that has ended, and there is none at /,
  ],
  [
    'an extension of nothing',
    'run run.yaml --extend growth=3',
    /^--extend growth {2}is not a budget that a run ends by\. /,
  ],
  [
    'completions for a run that is not there',
    'import-completions nobody empty.jsonl',
    /no run or run\.yaml called nobody; /,
  ],
  ['init by a preset and by answers', 'init new --preset vllm --model x', /^--preset is a run\.yaml as it stands, /],
  ['init with GPUs of no size', 'init new --gpus 8', /^--gpus 8 {2}is not a number of GPUs with their memory; /],
  ['a missing --out', 'export run.yaml', /^--out says where the dataset goes: /],
  [
    'a format that does not exist',
    'export run.yaml --format csv --out x',
    /'csv' is invalid.*messages, prompt-completion/,
  ],
  ['a verdict that does not exist', 'traces run.yaml --verdict right', /'right' is invalid.*correct, /],
  ['a count below 0', 'traces run.yaml --sample -3', /'-3' is invalid\. Give a whole number/],
  ['iterations that are no numbers', 'traces run.yaml --iteration two', /'two' is invalid\. Give numbers like 0,2,5-7/],
  ['a setting without a value', 'run run.yaml --set seed', /^--set seed {2}is not a setting\. /],
  [
    'a setting of a key that does not exist',
    'run run.yaml --set sample.temprature=1',
    /^--set sample\.temprature .* did you mean temperature/,
  ],
  ['a setting out of range', 'run run.yaml --set budget.iterations=0', /^--set budget\.iterations .* at least 1/],
  [
    'a setting that leads nowhere',
    'run run.yaml --set problems.train.0.path.x=1',
    /^--set problems\.train\.0\.path\.x {2}leads nowhere/,
  ],
  ['an option that does not exist', 'run run.yaml --fast', /unknown option '--fast'/],
  ['an option misspelt', 'run run.yaml --quite', /unknown option '--quite' \(Did you mean --quiet\?\)/],
  ['a command misspelt', 'rnu run.yaml', /unknown command 'rnu' \(Did you mean run\?\)/],
  ['one argument too many', 'run run.yaml other.yaml', /too many arguments/],
  ['a preset that does not exist', 'init new --preset vlm', /no preset vlm\. Did you mean vllm\? Presets: /],
  [
    'init below a file',
    'init empty.jsonl/new',
    /^The folder empty\.jsonl\/new cannot be made \(ENOTDIR: not a directory, mkdir .*\); name another/,
  ],
  ['init where nothing can be made', 'init /proc/x', /^The folder \/proc\/x cannot be made \(E\w+: .*\); name another/],
  ['init where a run.yaml is', 'init .', /run\.yaml is there already\. /],
  ['a file where the run folder should be', 'run run.yaml --dir not-a-folder', /not-a-folder/],
  ['a run that is an unset variable', 'status ', /^RUN is empty; /],
  ['a folder that is an unset variable', 'run run.yaml --dir ', /^--dir is empty; /],
  ['verify without anything', 'verify', /verify needs GOLD and ANSWER/],
]

test.concurrent.each(ROWS)('%s is told in one sentence', async (_, args, says) => {
  const ended = await place.run(args.split(' '))
  expectOneSentence(ended, args.includes('not-a-folder') ? 1 : 2, says)
  expect(ended.stdout).toBe('')
  expect(ended.stderr).not.toMatch(/hunter2|12345/)
})

test('all faults of a file come at once, a line each', async () => {
  const { code, stderr } = await place.run(['run', 'two-faults.yaml'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^two-faults\.yaml:3 .*modle.*\ntwo-faults\.yaml:4 .*initial is 0.*\n$/)
})

test('none of them has left a folder or a file behind', () => {
  expect(existsSync(place.at('runs'))).toBe(false)
  expect(readdirSync(place.at('some-folder'))).toEqual([])
  expect(existsSync(place.at('x')) || existsSync(place.at('x.jsonl')) || existsSync(place.at('new'))).toBe(false)
})

/** The part of the real-stack tests in which every export is read by the programs that it is for. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createWorkplace, makeProblems, toRows, type Workplace } from '../loop/workplace.ts'
import { createTestServer } from '../server/openai-server.ts'
import { failed, OK, type Outcome } from './outcome.ts'
import { stackPython } from './python.ts'
import { MODEL } from './real-loop.ts'

const FORMATS = [
  'messages',
  'prompt-completion',
  'prompt-completion-text',
  'sharegpt',
  'alpaca',
  'text',
  'dpo',
  'kto',
  'sharegpt-dpo',
  'sharegpt-kto',
]
const PROBLEMS = 40

/** A run of one iteration, every format of it as a folder of JSON lines and as one of Parquet, in two shards each. */
async function exportAll(place: Workplace): Promise<void> {
  const problems = makeProblems(PROBLEMS)
  place.write('train.jsonl', toRows(problems))
  const server = await createTestServer({ problems, seed: 3, skill: 0 })
  try {
    place.write(
      'run.yaml',
      `problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: test-model }] }
budget: { policy: { kind: constant, initial: 60 }, iterations: 1 }
train: { kind: none }
`,
    )
    await succeed(place, ['run', 'run.yaml', '--quiet'])
  } finally {
    await server.close()
  }
  for (const format of FORMATS) {
    for (const container of ['jsonl', 'parquet']) {
      const out = ['--out', `exports/${format}-${container}/`, '--container', container, '--shard-rows', '10']
      await succeed(place, ['export', 'run.yaml', '--format', format, ...out])
    }
  }
  for (const format of ['grpo-trl', 'grpo-verl', 'grpo-nemo']) {
    for (const ending of ['jsonl', 'parquet']) {
      await succeed(place, ['export', 'run.yaml', '--format', format, '--out', `exports/${format}.${ending}`])
    }
  }
  await succeed(place, ['export', 'run.yaml', '--format', 'messages', '--out', 'exports/file.jsonl.gz'])
  await succeed(place, ['export', 'run.yaml', '--format', 'messages', '--out', 'exports/file.parquet'])
}

async function succeed(place: Workplace, args: readonly string[]): Promise<void> {
  const { code, stderr } = await place.run(args)
  if (code !== 0) throw new Error(`spendwise ${args.join(' ')} ended with ${code}: ${stderr}`)
}

/** Completions that chat templates rewrite: blanks and line breaks at their edges, thinking, half of it; all of them are right. */
const ODD = [
  '17 + 25 = 42\n#### 42',
  ' leading blank, and a trailing one: 42 \n#### 42 ',
  '\n\nlines around\n#### 42\n',
  '<think>\n17 + 20 = 37, 37 + 5 = 42.\n</think>\n\n#### 42',
  'Let me see.\n</think>\n\n#### 42',
  '∑ 😀 \\boxed{42} <not a tag>\n#### 42',
]
const CHAT_FORMATS = ['messages', 'prompt-completion', 'prompt-completion-text', 'sharegpt', 'alpaca', 'text']
/** Families by TRL's name of their template and LLaMA-Factory's. */
const FAMILIES = ['qwen2_5=qwen', 'qwen3=qwen3', 'llama3=llama3', 'deepseek_r1_distill=deepseekr1']

/** Exports of those, below `odd/`. */
async function exportOdd(place: Workplace): Promise<void> {
  const row = (i: number) => ({ id: `p${i}`, question: `What is ${17 - i} + ${25 + i}?`, answer: '42' })
  const lines = (rows: readonly object[]): string => rows.map((one) => `${JSON.stringify(one)}\n`).join('')
  place.write('odd.jsonl', lines(ODD.map((_, i) => row(i))))
  place.write(
    'odd-completions.jsonl',
    lines(ODD.map((completion, i) => ({ problem: `p${i}`, completion, finish_reason: 'stop' }))),
  )
  place.write(
    'odd.yaml',
    `name: odd
problems: { train: [{ dataset: jsonl, path: odd.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:9/v1", model: nobody }] }
budget: { policy: { kind: constant, initial: ${ODD.length} }, iterations: 1 }
train: { kind: none }
`,
  )
  await succeed(place, ['import-completions', 'odd.yaml', 'odd-completions.jsonl'])
  for (const format of CHAT_FORMATS) {
    const out = ['--origin', 'external', '--format', format, '--out', `odd/${format}-jsonl/`]
    await succeed(place, ['export', 'odd', ...out])
  }
}

/** What consume_tokens.py says of a format: rows of `rows` that were read, and whose tokens in the loss are those that were sampled. */
interface Look {
  readonly trainer: string
  readonly base: string
  readonly format: string
  readonly refused?: string
  readonly rows?: number
  readonly read?: number
  readonly loss?: number
  readonly behind?: number
}

/** Formats that keep every token of every family's completions, by trainer: docs/export.md has the whole table. */
const KEPT: Readonly<Record<string, readonly [format: string, base: string][]>> = {
  trl: FAMILIES.map((family) => ['prompt-completion-text', family.split('=')[0] ?? '']),
  llamafactory: ['messages', 'sharegpt', 'alpaca'].flatMap((format): [string, string][] => [
    [format, 'qwen2_5'],
    [format, 'llama3'],
  ]),
  axolotl: ['messages', 'sharegpt'].map((format) => [format, 'qwen2_5']),
}

/** The claim on one trainer's tokens that does not hold; undefined where all do. */
function tokenFault(python: string, trainer: string, place: Workplace): string | undefined {
  const bases = FAMILIES.map((family) => place.at(`families/${family}`))
  const args = [trainer, place.at('odd'), place.at(`scratch-${trainer}`), ...bases]
  const { status, stdout, stderr } = python3(python, 'consume_tokens.py', args)
  const looks = stdout
    .split('\n')
    .filter((line) => line.startsWith('@@'))
    .map((line) => JSON.parse(line.slice(2)) as Look)
  for (const look of looks) console.error(JSON.stringify(look))
  if (status !== 0) return `${trainer} ended with ${status}: ${stderr.split('\n').slice(-5).join(' ')}`
  const refused = looks.find((look) => look.refused !== undefined || look.read !== look.rows)
  if (refused) return `${trainer} does not read ${refused.format} whole: ${JSON.stringify(refused)}`
  for (const [format, base] of KEPT[trainer] ?? []) {
    const look = looks.find((one) => one.format === format && one.base === base)
    const kept = (look?.loss ?? 0) + (look?.behind ?? 0)
    if (kept !== ODD.length) return `${trainer} changes tokens of ${format} under ${base}: ${JSON.stringify(look)}`
  }
  return undefined
}

/** LLaMA-Factory and axolotl ask for other versions than TRL does, and for much more: their Pythons are made by hand. */
const OTHERS = [
  { variable: 'SPENDWISE_LLAMAFACTORY_PYTHON', program: 'consume_llamafactory.py', trainer: 'llamafactory' },
  { variable: 'SPENDWISE_AXOLOTL_PYTHON', program: 'consume_axolotl.py', trainer: 'axolotl' },
]

/**
 * datasets, pyarrow and TRL read all formats and train one step; LLaMA-Factory and axolotl read those they know, where
 * SPENDWISE_LLAMAFACTORY_PYTHON and SPENDWISE_AXOLOTL_PYTHON name Pythons that have them.
 */
export async function consumersPart(): Promise<Outcome> {
  const own = process.env.SPENDWISE_PYTHON || undefined
  const python = own === undefined ? stackPython() : undefined
  if (python?.kind === 'missing') return failed(python.why)
  const place = createWorkplace()
  try {
    await exportAll(place)
    await exportOdd(place)
    const trl = own ?? (python?.kind === 'there' ? python.program('python') : 'python3')
    const consumers = [{ python: trl, program: 'consume_trl.py', trainer: 'trl' }]
    for (const { variable, program, trainer } of OTHERS) {
      const named = process.env[variable]
      if (named) consumers.push({ python: named, program, trainer })
      else console.error(`${program} is left out: ${variable} names no Python`)
    }
    const broken = consumers.filter(({ python, program }) => !consume(python, program, place))
    if (broken.length > 0) return failed(`${broken.map(({ program }) => program).join(', ')} could not read it all`)
    const made = python3(trl, 'make_family.py', [
      place.at('families'),
      ...FAMILIES.map((one) => one.split('=')[0] ?? ''),
    ])
    if (made.status !== 0) return failed(`make_family.py ended with ${made.status}: ${made.stderr}`)
    const fault = consumers
      .map(({ python, trainer }) => tokenFault(python, trainer, place))
      .find((one) => one !== undefined)
    return fault === undefined ? OK : failed(fault)
  } finally {
    place.remove()
  }
}

/** What a consumer says goes to stderr; false where it failed. */
function consume(python: string, program: string, place: Workplace): boolean {
  const { status, stdout, stderr } = python3(python, program, [place.at('exports'), MODEL, place.at('scratch')])
  const said = stdout.split('\n').filter((line) => /^(?:datasets|trl|llamafactory|axolotl) \d/.test(line))
  process.stderr.write([...said, ...(status === 0 ? [] : stderr.split('\n').slice(-20)), ''].join('\n'))
  return status === 0
}

/** A program of this folder, without the network and without a GPU. */
function python3(python: string, program: string, args: readonly string[]) {
  const file = fileURLToPath(new URL(program, import.meta.url))
  const offline = {
    ...{ HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false', WANDB_MODE: 'disabled', CUDA_VISIBLE_DEVICES: '' },
    ...{ OMP_NUM_THREADS: '1', DISABLE_VERSION_CHECK: '1', AXOLOTL_DO_NOT_TRACK: '1' },
  }
  const env = { ...process.env, ...offline }
  return spawnSync(python, [file, ...args], { encoding: 'utf8', env, maxBuffer: 1 << 26 })
}

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

/** LLaMA-Factory and axolotl ask for other versions than TRL does, and for much more: their Pythons are made by hand. */
const OTHERS = [
  { variable: 'SPENDWISE_LLAMAFACTORY_PYTHON', program: 'consume_llamafactory.py' },
  { variable: 'SPENDWISE_AXOLOTL_PYTHON', program: 'consume_axolotl.py' },
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
    const trl = own ?? (python?.kind === 'there' ? python.program('python') : 'python3')
    const consumers = [{ python: trl, program: 'consume_trl.py' }]
    for (const { variable, program } of OTHERS) {
      const named = process.env[variable]
      if (named) consumers.push({ python: named, program })
      else console.error(`${program} is left out: ${variable} names no Python`)
    }
    const broken = consumers.filter(({ python, program }) => !consume(python, program, place))
    return broken.length === 0 ? OK : failed(`${broken.map(({ program }) => program).join(', ')} could not read it all`)
  } finally {
    place.remove()
  }
}

/** What a consumer says goes to stderr; false where it failed. */
function consume(python: string, program: string, place: Workplace): boolean {
  const file = fileURLToPath(new URL(program, import.meta.url))
  const offline = {
    HF_HUB_OFFLINE: '1',
    TOKENIZERS_PARALLELISM: 'false',
    WANDB_MODE: 'disabled',
    CUDA_VISIBLE_DEVICES: '',
  }
  const { status, stdout, stderr } = spawnSync(python, [file, place.at('exports'), MODEL, place.at('scratch')], {
    encoding: 'utf8',
    env: { ...process.env, ...offline, OMP_NUM_THREADS: '1', DISABLE_VERSION_CHECK: '1' },
    maxBuffer: 1 << 26,
  })
  const said = stdout.split('\n').filter((line) => /^(?:datasets|trl|llamafactory|axolotl) \d/.test(line))
  process.stderr.write([...said, ...(status === 0 ? [] : stderr.split('\n').slice(-20)), ''].join('\n'))
  return status === 0
}

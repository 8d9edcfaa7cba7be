/**
 * A newcomer's folder: `spendwise` on its PATH, a Hub that has GSM8K in its published shape, and in the places of vLLM, the trainer's
 * Python and the Hub's downloader the strict test server, the test recipe and a model of the test server.
 */

import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { createHubServer } from '../server/hub-server.ts'
import { PROJECT } from '../source-text.ts'

export interface Place {
  readonly folder: string
  readonly write: (name: string, text: string) => void
  /** Runs lines as a terminal would, stopping at the first that fails; both streams as they came. */
  readonly sh: (text: string) => Promise<Printed>
  readonly close: () => Promise<void>
}

export interface Printed {
  readonly code: number
  readonly output: string
}

const LIMIT_MS = 300_000
const SHARES = ['train', 'test'] as const

/** @param spendwise argv of the command, before its own arguments */
export async function openPlace(spendwise: readonly string[]): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'newcomer-'))
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const program = (name: string, text: string): void => {
    write(name, `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const hub = await createHubServer()
  hub.put('openai/gsm8k', gsm8k())
  for (const share of SHARES) {
    const rows = rowsOf(share).map((row) => `${JSON.stringify(row)}\n`)
    write(`.known/${share}.jsonl`, rows.join(''))
  }
  const node = quoted([process.execPath])
  program('.bin/spendwise', `exec ${quoted(spendwise)} "$@"`)
  program('.bin/vllm', `exec ${node} '${join(PROJECT, 'test/docs/vllm.ts')}' "$@"`)
  program('recipes/.venv/bin/python', `exec ${node} '${join(PROJECT, 'test/docs/python.ts')}' "$@"`)
  write('recipes/train_sft.py', '# shipped with spendwise\n')
  program('.bin/hf', `for last; do :; done; mkdir -p "$last" && echo '{"skill": 0.6}' > "$last/skill.json"`)
  const env = {
    ...process.env,
    PATH: `${join(folder, '.bin')}:${process.env.PATH}`,
    KNOWN_PROBLEMS: SHARES.map((share) => join(folder, `.known/${share}.jsonl`)).join(':'),
    HF_ENDPOINT: hub.url,
    HF_HOME: join(folder, '.hf'),
    NO_COLOR: '1',
    SPENDWISE_NO_CACHE: '1',
  }
  return {
    folder,
    write,
    sh: (text) =>
      new Promise((resolve) => {
        const options = { cwd: folder, env, timeout: LIMIT_MS, maxBuffer: 1 << 26 }
        execFile('bash', ['-c', `set -eo pipefail; exec 2>&1\n${text}`], options, (error, output) =>
          resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, output }),
        )
      }),
    async close() {
      await hub.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function quoted(argv: readonly string[]): string {
  return argv.map((word) => `'${word}'`).join(' ')
}

interface Row {
  readonly question: string
  readonly answer: string
}

/** Problems whose questions nobody else has; the gate takes the last 500 of train. */
function rowsOf(share: (typeof SHARES)[number]): Row[] {
  const [count, from] = share === 'train' ? [700, 0] : [30, 5000]
  return Array.from({ length: count }, (_, i) => {
    const a = from + i
    return {
      question: `A crate holds ${a} jars and ${2 * a + 1} lids. How many things does it hold?`,
      answer: `${a}+${2 * a + 1}=${3 * a + 1}\n#### ${3 * a + 1}`,
    }
  })
}

/** As it lies on the Hub: a card, and Parquet files by config and split. */
function gsm8k(): Record<string, string | Buffer> {
  const files = SHARES.map((share) => {
    const rows = rowsOf(share)
    const column = (name: keyof Row) => ({ name, data: rows.map((row) => row[name]), type: 'STRING' as const })
    const bytes = Buffer.from(parquetWriteBuffer({ columnData: [column('question'), column('answer')] }))
    return [`main/${share}-00000-of-00001.parquet`, bytes] as const
  })
  const splits = SHARES.map((share) => `  - split: ${share}\n    path: main/${share}-*\n`).join('')
  return {
    'README.md': `---\nlicense: mit\nconfigs:\n- config_name: main\n  data_files:\n${splits}---\n`,
    ...Object.fromEntries(files),
  }
}

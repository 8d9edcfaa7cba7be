/** docs/walkthrough.md, run as it stands: its files written, its commands run in order, what they print held beside the page. */

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { RunStatus } from '../../src/core/status.ts'
import { type Block, blocksOf, withTexts } from '../docs/blocks.ts'
import { killOwned } from '../loop/killing.ts'
import { PROJECT } from '../source-text.ts'
import { allHold, failed, type Outcome } from './outcome.ts'
import { stackPython } from './python.ts'
import { whyNoVllm } from './vllm/server.ts'

const PAGE = join(PROJECT, 'docs/walkthrough.md')
const BLOCK_MS = 3_600_000
const LOG_CHARACTERS = 6_000
/** n_t and the evaluation's problems, as the page has them. */
const ACCEPTED = 32
const MEASURED = 60

/** @param isWriting puts what the commands print into the page */
export function walkthroughPart(isWriting: boolean): Outcome {
  const why = whyNoVllm()
  if (why !== undefined) return { kind: 'skipped', why }
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const folder = openFolder(dirname(dirname(python.program('python'))))
  const page = readFileSync(PAGE, 'utf8')
  const printed = new Map<number, string>()
  try {
    const blocks = blocksOf(page)
    for (const [at, block] of blocks.entries()) {
      if (block.language === 'sh' && block.title !== 'install') {
        const next = blocks[at + 1]
        const output = runBlock(block, folder)
        if (next?.language === 'text') printed.set(next.line, output)
      } else if (block.language !== 'text' && block.title !== 'install') {
        mkdirSync(dirname(join(folder, block.title)), { recursive: true })
        writeFileSync(join(folder, block.title), block.text)
      }
    }
    if (isWriting) writeFileSync(PAGE, withTexts(page, printed))
    return judge(folder, blocks, printed)
  } catch (error) {
    const log = join(folder, 'runs/small/server.log')
    const told = existsSync(log) ? readFileSync(log, 'utf8').slice(-LOG_CHARACTERS) : ''
    return failed(`${error instanceof Error ? error.message : String(error)}\n${told}`)
  } finally {
    killOwned(join(folder, 'runs/small'))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** An empty folder, with what a checkout and an installed environment would have there. */
function openFolder(environment: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'walkthrough-'))
  for (const name of ['recipes', 'datasets']) symlinkSync(join(PROJECT, name), join(folder, name))
  symlinkSync(environment, join(folder, 'env'))
  mkdirSync(join(folder, '.bin'))
  const program = join(folder, '.bin/spendwise')
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(PROJECT, 'bin/spendwise.js')}' "$@"\n`)
  chmodSync(program, 0o755)
  return folder
}

/** @returns both streams as they came @throws Error where it does not end with 0 */
function runBlock({ text, line }: Block, folder: string): string {
  console.error(text.trimEnd())
  // Own programs are found by a shell that stops at the first command that fails.
  const { status, stdout, error } = spawnSync('bash', ['-c', `set -eo pipefail; exec 2>&1; set -m\n${text}`], {
    cwd: folder,
    encoding: 'utf8',
    timeout: BLOCK_MS,
    maxBuffer: 1 << 26,
    env: {
      ...process.env,
      PATH: `${join(folder, '.bin')}:${process.env.PATH}`,
      NO_COLOR: '1',
      SPENDWISE_NO_CACHE: '1',
    },
  })
  console.error(stdout)
  if (status !== 0)
    throw new Error(`the block of line ${line} ended with ${status ?? error?.message}: ${stdout.slice(-2000)}`)
  return tidy(stdout, folder)
}

/** As the page shows it: the folder has no name, and nobody's bars and control characters are in it. */
function tidy(text: string, folder: string): string {
  return text
    .replaceAll(folder, '/home/me/walkthrough')
    .split('\n')
    .filter((line) => !/^\[1\]|^WARNING: Location /.test(line))
    .map((line) => (line.split('\r').at(-1) ?? '').trimEnd())
    .join('\n')
}

function judge(folder: string, blocks: readonly Block[], printed: ReadonlyMap<number, string>): Outcome {
  const status = spawnSync(process.execPath, [join(PROJECT, 'bin/spendwise.js'), 'status', 'small', '--json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const { state, base, iterations } = JSON.parse(status.stdout) as RunStatus
  const [first] = iterations
  const shape = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/\d[\d.,]*/g, '0'))
  for (const { text, line } of blocks) {
    const now = printed.get(line)
    const gone = now === undefined ? [] : shape(text).filter((one) => !shape(now).includes(one))
    if (gone.length > 0)
      console.error(`line ${line} shows what was not printed this time: ${gone.slice(0, 5).join(' | ')}`)
  }
  return allHold([
    [`the run is done (${state})`, state === 'done'],
    ['n_t was met', first?.accepted === ACCEPTED],
    ['the checkpoint is proven', first?.checkpoint?.weights === 'proven'],
    ['base and checkpoint are measured', base.evaluation?.n === MEASURED && first?.evaluation?.n === MEASURED],
    [
      'the dataset has a row for every accepted trace',
      readFileSync(join(folder, 'sft.jsonl'), 'utf8').trimEnd().split('\n').length === ACCEPTED,
    ],
  ])
}

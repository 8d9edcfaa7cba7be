/** A file of pairs through the verifier's threads: streamed, in order, one line a pair. */

import { createWriteStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import type { Policies } from '../../verify/policy.ts'
import { createVerifierPool, type VerifierPool } from '../../verify/pool.ts'

export interface VerifyPairsOptions {
  readonly file: string
  /** Default: stdout. */
  readonly out?: string | undefined
  /** What is left out is the default. */
  readonly policies?: Partial<Policies>
  readonly threads?: number | undefined
}

const PAIR = z.object({ id: z.union([z.string(), z.number()]), gold: z.string(), pred: z.string() })
type PairRow = z.infer<typeof PAIR>

// Rows in memory at once; several batches, so that all threads have work.
const ROWS_PER_ROUND = 2_048

/**
 * Verdicts of every pair of a file.
 * @throws ConfigError where the file cannot be read or a line is no pair, naming file and line; nothing is skipped
 */
export async function verifyPairs(options: VerifyPairsOptions): Promise<void> {
  const input = await openInput(options.file)
  const pool = createVerifierPool({ threads: options.threads, judge: options.policies ?? {} })
  try {
    const lines = Readable.from(verdictLines(readRows(input, options.file), pool))
    if (options.out === undefined) await pipeline(lines, process.stdout, { end: false })
    else await pipeline(lines, createWriteStream(options.out))
  } catch (error) {
    // `verify --pairs FILE | head`: the reader has what it wants.
    if (options.out !== undefined || codeOf(error) !== 'EPIPE') throw explainWriteError(error, options.out)
  } finally {
    await pool.close()
    await input.close()
  }
}

async function* verdictLines(rows: AsyncIterable<PairRow>, pool: VerifierPool): AsyncGenerator<string> {
  let round: PairRow[] = []
  for await (const row of rows) {
    round.push(row)
    if (round.length < ROWS_PER_ROUND) continue
    yield await verifyRound(round, pool)
    round = []
  }
  if (round.length > 0) yield await verifyRound(round, pool)
}

async function verifyRound(rows: readonly PairRow[], pool: VerifierPool): Promise<string> {
  const verdicts = await pool.verify(rows.map(({ gold, pred }) => ({ gold, text: pred })))
  return verdicts
    .map(({ kind, rule, method, extraction, extracted, checker, ms }, index) => {
      const id = rows[index]?.id
      const rounded = Number(ms.toFixed(3))
      const line = { id, verdict: kind, rule, extracted: extracted ?? null, ms: rounded, method, extraction, checker }
      return `${JSON.stringify(line)}\n`
    })
    .join('')
}

// node:readline also breaks lines at U+2028, which may stand inside a JSON string.
async function* readRows(input: FileHandle, file: string): AsyncGenerator<PairRow> {
  let pending = ''
  let number = 0
  for await (const chunk of input.createReadStream({ encoding: 'utf8', autoClose: false })) {
    const lines = `${pending}${chunk}`.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      number++
      if (line.trim() !== '') yield parseRow(line, `${file}:${number}`)
    }
  }
  if (pending.trim() !== '') yield parseRow(pending, `${file}:${number + 1}`)
}

function parseRow(line: string, where: string): PairRow {
  const parsed = PAIR.safeParse(parseJson(line, where))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.') || 'the line'
  throw new ConfigError(`${where}  ${field}: ${issue?.message}; each line is {"id", "gold", "pred"} with texts.`)
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new ConfigError(`${where}  is not JSON; each line is {"id", "gold", "pred"}.`, { cause: error })
  }
}

async function openInput(file: string): Promise<FileHandle> {
  const hint = 'give --pairs a file of JSON lines {"id", "gold", "pred"}.'
  try {
    const handle = await open(file)
    if (!(await handle.stat()).isDirectory()) return handle
    await handle.close()
  } catch (error) {
    throw new ConfigError(`${file} cannot be read; ${hint}`, { cause: error })
  }
  throw new ConfigError(`${file} is a folder; ${hint}`)
}

function explainWriteError(error: unknown, out: string | undefined): unknown {
  const code = codeOf(error)
  if (out === undefined || !['ENOENT', 'EACCES', 'EISDIR', 'ENOSPC', 'EROFS', 'ENOTDIR'].includes(String(code)))
    return error
  return new ConfigError(
    `${out} cannot be written (${code}); give --out a file in a folder that exists and has room.`,
    {
      cause: error,
    },
  )
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

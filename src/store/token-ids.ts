/**
 * Prompts and completions as the server's tokenizer has them: 32-bit words, one after the other, little end first. And how many of a
 * completion's tokens are thinking, apart from the completions, so that sums of it need not read a single text.
 */

import type { Completion } from '../core/completion.ts'
import type { ThinkingStatus } from '../core/status.ts'
import type { Db } from './open.ts'

export interface TokenIds {
  readonly prompt: readonly number[] | undefined
  readonly completion: readonly number[]
}

export interface TokenIdQueries {
  /** Keeps what the server told with a completion; nothing where it told nothing. */
  insert(row: number, completion: Completion): void
  /** undefined where the server did not tell. */
  read(completion: number): TokenIds | undefined
}

interface RawTokenIds {
  readonly prompt: Buffer | null
  readonly completion: Buffer
}

export function tokenIdQueries(db: Db): TokenIdQueries {
  const insert = db.prepare(
    'insert into token_ids (row, prompt, completion) values (?, ?, ?) on conflict (row) do update set prompt = excluded.prompt, completion = excluded.completion',
  )
  const read = db.prepare<[number], RawTokenIds>('select prompt, completion from token_ids where row = ?')
  return {
    insert(row, { promptTokenIds, completionTokenIds }) {
      if (completionTokenIds === undefined) return
      insert.run(row, promptTokenIds === undefined ? null : toBytes(promptTokenIds), toBytes(completionTokenIds))
    },
    read(completion) {
      const found = read.get(completion)
      if (!found) return undefined
      return { prompt: found.prompt === null ? undefined : toIds(found.prompt), completion: toIds(found.completion) }
    },
  }
}

function toBytes(ids: readonly number[]): Buffer {
  const bytes = Buffer.alloc(ids.length * 4)
  for (const [i, id] of ids.entries()) bytes.writeUInt32LE(id, i * 4)
  return bytes
}

function toIds(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(i * 4))
}

export interface ThoughtQueries {
  /** Keeps the lengths of a completion that thinks; nothing of others. */
  insert(row: number, completion: Completion): void
  /** Of the completions drawn for training, by iteration; iterations without thinking are left out. */
  byIteration(): Map<number, ThinkingStatus>
}

interface Sum extends ThinkingStatus {
  readonly iteration: number
}

export function thoughtQueries(db: Db): ThoughtQueries {
  const insert = db.prepare(`
    insert into thought (completion, purpose, iteration, thinking, answer, is_cut) values (?, ?, ?, ?, ?, ?)
    on conflict (completion) do update set thinking = excluded.thinking, answer = excluded.answer, is_cut = excluded.is_cut`)
  const sums = db.prepare<[], Sum>(`
    select iteration, count(*) as completions, avg(thinking) as tokens, avg(case when is_cut = 0 then answer end) as answerTokens,
      sum(is_cut) as unended
    from thought where purpose = 'train' group by iteration order by iteration`)
  return {
    insert(row, { key, text, completionTokens, thinking = 0 }) {
      if (thinking === 0) return
      // Tokens are told for the whole; a part has its share of the characters.
      const tokens = completionTokens * Math.min(1, thinking / text.length)
      insert.run(row, key.purpose, key.iteration, tokens, completionTokens - tokens, thinking >= text.length ? 1 : 0)
    },
    byIteration: () => new Map(sums.all().map(({ iteration, ...sum }) => [iteration, sum])),
  }
}

/** Prompts and completions as the server's tokenizer has them: 32-bit words, one after the other, little end first. */

import type { Completion } from '../core/completion.ts'
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

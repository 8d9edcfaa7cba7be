/** How much of what a model wrote was thinking: kept apart from the completions, so that sums of it need not read a single text. */

import type { Completion } from '../core/completion.ts'
import type { ThinkingStatus } from '../core/status.ts'
import type { Db } from './open.ts'

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

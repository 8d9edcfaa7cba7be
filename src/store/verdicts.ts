/** Verdicts: each completion's own, what it was before it was given again, and what a judge voted. */

import type { LedgerJudged } from '../core/budget/ledger.ts'
import type { FinishReason, Purpose } from '../core/completion.ts'
import type { Vote } from '../core/judging.ts'
import type { Disposition } from '../core/trace.ts'
import type { Verdict, VerdictKind, VerdictMethod } from '../core/verdict.ts'
import type { Db } from './open.ts'

/** Column `by` of a verdict v: who decided, by the prefix of the rule; null without a verdict. */
export const DECIDED_BY: string = `case when v.rule like 'judge:%' then 'judge' when v.rule like 'command:%' then 'command'
  when v.rule is not null then 'checker' end as "by"`

/** A completion that has a verdict. */
export interface VerifiedRow {
  readonly id: number
  readonly purpose: Purpose
  readonly iteration: number
  readonly problem: string
  readonly index: number
  readonly level: string | null
  readonly question: string
  readonly gold: string
  readonly text: string
  /** Characters at its beginning that are thinking. */
  readonly thinking: number
  readonly finishReason: FinishReason
  readonly completionTokens: number
  readonly disposition: Disposition | null
  readonly kind: VerdictKind
  readonly rule: string
  readonly method: VerdictMethod | null
  readonly extracted: string | null
  readonly checker: string
}

/** What the strata of an audit are made of, without the texts. */
export interface VerifiedKey {
  readonly id: number
  readonly level: string | null
  readonly kind: VerdictKind
  readonly rule: string
  readonly disposition: Disposition | null
  readonly finishReason: FinishReason
}

/** One completion as a person judges it. */
export interface JudgedText {
  readonly id: number
  readonly question: string
  readonly gold: string
  readonly text: string
}

export interface GivenVerdict {
  /** Row of the completion. */
  readonly completion: number
  readonly verdict: Verdict
}

export interface VerdictQueries {
  /** The next `limit` verified completions after row `after`, in the order they were stored. */
  page(after: number, limit: number): VerifiedRow[]
  /** All that were drawn for training and verified, by ascending id; read once. */
  trainKeys(): Iterable<VerifiedKey>
  text(id: number): JudgedText | undefined
  /** Stores the first verdicts of completions, in one transaction; one that is there already is kept. */
  insert(rows: readonly GivenVerdict[]): void
  /** Puts new verdicts in the place of old ones, in one transaction; the old ones go into the history. */
  replace(rows: readonly GivenVerdict[], now: number): void
  /** How many verdicts the history holds. */
  replaced(): number
}

export function verdictQueries(db: Db): VerdictQueries {
  const page = db.prepare<[number, number], VerifiedRow>(`
    select c.id, c.purpose, c.iteration, p.id as problem, c.idx as "index", p.level, p.question, p.answer as gold, c.text, c.thinking,
      c.finish_reason as finishReason, c.completion_tokens as completionTokens, d.disposition, v.kind, v.rule, v.method, v.extracted, v.checker
    from verdict v join completion c on c.id = v.completion join problem p on p.number = c.problem
      left join disposition d on d.completion = c.id
    where c.id > ? order by c.id limit ?`)
  const trainKeys = db.prepare<[], VerifiedKey>(`
    select c.id, p.level, v.kind, v.rule, d.disposition, c.finish_reason as finishReason
    from verdict v join completion c on c.id = v.completion join problem p on p.number = c.problem
      left join disposition d on d.completion = c.id
    where c.purpose = 'train' order by c.id`)
  const text = db.prepare<[number], JudgedText>(`
    select c.id, p.question, p.answer as gold, c.text
    from completion c join problem p on p.number = c.problem where c.id = ?`)
  const insert = db.prepare(`
    insert into verdict (completion, kind, rule, method, extracted, checker, ms, reward)
    values (:completion, :kind, :rule, :method, :extracted, :checker, :ms, :reward)
    on conflict (completion) do nothing`)
  const keep = db.prepare(`
    insert into verdict_history (completion, replaced_at, kind, rule, method, extracted, checker, ms, reward)
    select completion, :now, kind, rule, method, extracted, checker, ms, reward from verdict where completion = :completion`)
  const update = db.prepare(`
    update verdict set kind = :kind, rule = :rule, method = :method, extracted = :extracted, checker = :checker, ms = :ms, reward = :reward
    where completion = :completion`)
  const replaced = db.prepare<[], number>('select count(*) from verdict_history').pluck()
  return {
    page: (after, limit) => page.all(after, limit),
    trainKeys: () => trainKeys.iterate(),
    text: (id) => text.get(id),
    insert: db.transaction((rows: readonly GivenVerdict[]) => {
      for (const row of rows) insert.run(columnsOf(row))
    }),
    replace: db.transaction((rows: readonly GivenVerdict[], now: number) => {
      for (const row of rows) {
        keep.run({ completion: row.completion, now })
        update.run(columnsOf(row))
      }
    }),
    replaced: () => replaced.get() ?? 0,
  }
}

function columnsOf({ completion, verdict }: GivenVerdict) {
  return {
    completion,
    ...verdict,
    method: verdict.method ?? null,
    extracted: verdict.extracted ?? null,
    reward: verdict.reward ?? null,
  }
}

export interface VoteRow {
  /** Row of the completion whose answer was judged. */
  readonly completion: number
  /** Model and prompt. */
  readonly judge: string
  /** Hash of gold and answer: another checker may take another answer from the same text. */
  readonly about: number
  /** The control question, next to another gold. */
  readonly control: boolean
  /** From 0. */
  readonly number: number
  readonly vote: Vote
  /** Of question and answer. */
  readonly tokens: number
}

/** What a judge was asked and what it said: a vote is stored as soon as it is there, and never paid for twice. */
export interface VoteBook {
  /** Of this answer to the problem, whichever completion gave it first. */
  of(completion: number, judge: string, about: number): VoteRow[]
  add(row: VoteRow): void
}

export interface VoteQueries extends VoteBook {
  /** By the iteration of the completions. */
  sums(): LedgerJudged[]
}

export function voteQueries(db: Db): VoteQueries {
  const of = db.prepare<[string, number, number], Omit<VoteRow, 'control'> & { readonly control: number }>(`
    select v.completion, v.judge, v.about, v.control, v.number, v.vote, v.tokens from vote v join completion c on c.id = v.completion
    where v.judge = ? and v.about = ? and c.problem = (select problem from completion where id = ?) order by v.control, v.number`)
  const add = db.prepare(`
    insert into vote (completion, judge, about, control, number, vote, tokens, at)
    values (:completion, :judge, :about, :control, :number, :vote, :tokens, :at) on conflict do nothing`)
  const sums = db.prepare<[], LedgerJudged>(`
    select c.iteration, count(*) as requests, sum(v.tokens) as tokens from vote v join completion c on c.id = v.completion
    group by 1 order by 1`)
  return {
    of: (completion, judge, about) =>
      of.all(judge, about, completion).map((row) => ({ ...row, control: row.control === 1 })),
    add: (row) => void add.run({ ...row, control: row.control ? 1 : 0, at: Date.now() }),
    sums: () => sums.all(),
  }
}

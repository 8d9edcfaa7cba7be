/** What an export reads: the completions drawn for training with little else, streamed; problems and rates next to them. */

import type { FinishReason } from '../core/completion.ts'
import type { Origin } from '../core/export.ts'
import type { Disposition } from '../core/trace.ts'
import type { VerdictKind } from '../core/verdict.ts'
import type { Db } from './open.ts'

/** A closed completion that was drawn for training. Problem and checkpoint are row numbers: a million rows share a few thousand of them. */
export interface ExportTraceRow {
  readonly id: number
  readonly iteration: number
  readonly problem: number
  readonly split: string
  readonly source: string
  readonly level: string | null
  readonly index: number
  readonly checkpoint: number
  readonly text: string
  readonly finishReason: FinishReason
  readonly completionTokens: number
  readonly disposition: Disposition
  /** Drawn with the answer as a hint. */
  readonly isHinted: boolean
  /** Generated elsewhere: its id is below 0, and its iteration is none (-2). */
  readonly isExternal?: boolean
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  readonly checker: string | null
}

interface ProblemRow {
  readonly number: number
  readonly id: string
  readonly split: string
  readonly source: string
  readonly level: string | null
}

export interface ExportSelection {
  /** undefined for all. */
  readonly iterations: readonly number[] | undefined
  /** Also the ones that were verified as incorrect, for preference data. */
  readonly withIncorrect: boolean
  readonly origin: Origin
  /** Without, verdict, rule and checker are null, and accepted ones come in two thirds of the time. */
  readonly withVerdicts: boolean
}

/** Numbers of accepted traces. */
export interface TemplateRisks {
  /** They think before they answer. */
  readonly thinking: number
  /** They begin or end with blanks or line breaks. */
  readonly edged: number
  /** The server told their token ids. */
  readonly told: number
}

export interface ExportQueries {
  /** In order of iteration and issue, hinted ones last, one row at a time; accepted ones, and incorrect ones where they are asked for. */
  iterate(selection: ExportSelection): Generator<ExportTraceRow>
  problemId(problem: number): string
  question(problem: number): string
  text(id: number): string
  /** Accepted traces of these iterations (undefined: all), and how many of them lack a part of what the model wrote. */
  altered(iterations: readonly number[] | undefined): { readonly accepted: number; readonly altered: number }
  /** Of the accepted traces of these iterations, what chat templates may rewrite. */
  templateRisks(iterations: readonly number[] | undefined): TemplateRisks
  /** Whether any accepted trace of these iterations was drawn with a hint. */
  hasHinted(iterations: readonly number[] | undefined): boolean
  /** By problem: share of its completions for training, failed requests left out, that are correct and ended by themselves. */
  solveRates(iterations: readonly number[] | undefined): Map<number, number>
}

type RawTrace = [
  id: number,
  iteration: number,
  problem: number,
  index: number,
  checkpoint: number,
  text: string,
  completionTokens: number,
  finishReason?: FinishReason,
  disposition?: Disposition,
  verdict?: VerdictKind | null,
  rule?: string | null,
  checker?: string | null,
]

const COLUMNS = 'c.id, c.iteration, c.problem, c.idx, c.checkpoint, c.text, c.completion_tokens'
/** Iterations are always named: an index leads to their rows, where a condition that may be absent goes through everything. */
const WANTED = 'c.purpose = :purpose and c.iteration in (select value from json_each(:iterations))'

/** Rows of completions that were generated elsewhere, as those of the run are read. */
const EXTERNAL = `
  select -e.id, -2, e.problem, e.id, 0, e.text, e.tokens, e.finish_reason, e.disposition, e.kind, e.rule, e.checker
  from external e
  where e.disposition = 'accepted' or (:withIncorrect and e.kind = 'incorrect')
  order by e.id`

const PURPOSES = { all: ['train', 'hint'], sampled: ['train'], hinted: ['hint'] } as const

export function exportQueries(db: Db): ExportQueries {
  const accepted = db
    .prepare<[object], RawTrace>(`
      select ${COLUMNS}, c.finish_reason from completion c join disposition d on d.completion = c.id
      where c.purpose = :purpose and c.iteration = :iteration and d.disposition = 'accepted' order by c.issue`)
    .raw()
  const judged = db
    .prepare<[object], RawTrace>(`
      select ${COLUMNS}, c.finish_reason, d.disposition, v.kind, v.rule, v.checker
      from completion c join disposition d on d.completion = c.id left join verdict v on v.completion = c.id
      where c.purpose = :purpose and c.iteration = :iteration
        and (d.disposition = 'accepted' or (:withIncorrect and c.purpose = 'train' and v.kind = 'incorrect'))
      order by c.issue`)
    .raw()
  const external = db.prepare<[object], RawTrace>(EXTERNAL).raw()
  const externalText = db.prepare<[number], string>('select text from external where id = ?').pluck()
  const problems = db.prepare<[], ProblemRow>('select number, id, split, source, level from problem')
  const problemId = db.prepare<[number], string>('select id from problem where number = ?').pluck()
  const question = db.prepare<[number], string>('select question from problem where number = ?').pluck()
  const text = db.prepare<[number], string>('select text from completion where id = ?').pluck()
  const altered = db.prepare<[object], { readonly accepted: number; readonly altered: number }>(`
    select count(*) as accepted, coalesce(sum(c.altered), 0) as altered
    from completion c join disposition d on d.completion = c.id
    where c.purpose in ('train', 'hint') and d.disposition = 'accepted' and c.iteration in (select value from json_each(:iterations))`)
  const templateRisks = db.prepare<[object], TemplateRisks>(`
    select coalesce(sum(c.thinking > 0 or instr(c.text, '</think>') > 0), 0) as thinking,
      coalesce(sum(c.text <> trim(c.text, char(9, 10, 11, 12, 13, 32))), 0) as edged, count(t.row) as told
    from completion c join disposition d on d.completion = c.id left join token_ids t on t.row = c.id
    where c.purpose in ('train', 'hint') and d.disposition = 'accepted' and c.iteration in (select value from json_each(:iterations))`)
  const hinted = db
    .prepare<[object], number>(`
      select exists (select 1 from completion c join disposition d on d.completion = c.id
        where c.purpose = 'hint' and d.disposition = 'accepted'
          and c.iteration in (select value from json_each(:iterations)))`)
    .pluck()
  const solveRates = db.prepare<[object], { readonly problem: number; readonly rate: number }>(`
    select c.problem, avg(coalesce(v.kind = 'correct' and c.finish_reason = 'stop', 0)) as rate
    from completion c left join verdict v on v.completion = c.id
    where ${WANTED} and c.finish_reason <> 'failed'
    group by c.problem`)
  const all = db.prepare<[], number>('select iteration from iteration').pluck()
  const inOrder = (iterations: readonly number[] | undefined): number[] =>
    [...new Set(iterations ?? all.all())].sort((a, b) => a - b)
  const list = (iterations: readonly number[] | undefined): string => JSON.stringify(inOrder(iterations))
  const found = (value: string | undefined, what: string): string => {
    if (value === undefined) throw new Error(`${what} is not in this run`)
    return value
  }
  return {
    *iterate({ iterations, origin, withIncorrect, withVerdicts }) {
      const known = new Map(problems.all().map((row) => [row.number, row]))
      if (origin === 'external') {
        for (const row of external.iterate({ withIncorrect: withIncorrect ? 1 : 0 })) {
          yield { ...toTrace(row, known.get(row[2]), false), isExternal: true }
        }
        return
      }
      for (const purpose of PURPOSES[origin]) {
        for (const iteration of inOrder(iterations)) {
          const wanted = { purpose, iteration }
          const rows =
            withIncorrect || withVerdicts
              ? judged.iterate({ ...wanted, withIncorrect: withIncorrect ? 1 : 0 })
              : accepted.iterate(wanted)
          for (const row of rows) yield toTrace(row, known.get(row[2]), purpose === 'hint')
        }
      }
    },
    problemId: (problem) => found(problemId.get(problem), `problem ${problem}`),
    templateRisks: (iterations) =>
      templateRisks.get({ iterations: list(iterations) }) ?? { thinking: 0, edged: 0, told: 0 },
    altered: (iterations) => altered.get({ iterations: list(iterations) }) ?? { accepted: 0, altered: 0 },
    hasHinted: (iterations) => hinted.get({ iterations: list(iterations) }) === 1,
    question: (problem) => found(question.get(problem), `problem ${problem}`),
    text: (id) => found(id < 0 ? externalText.get(-id) : text.get(id), `completion ${id}`),
    solveRates: (iterations) =>
      new Map(
        solveRates.all({ purpose: 'train', iterations: list(iterations) }).map(({ problem, rate }) => [problem, rate]),
      ),
  }
}

function toTrace(raw: RawTrace, problem: ProblemRow | undefined, isHinted: boolean): ExportTraceRow {
  const [id, iteration, number, index, checkpoint, text, completionTokens] = raw
  const [, , , , , , , finishReason = 'stop', disposition = 'accepted', verdict = null, rule = null, checker = null] =
    raw
  // A completion's problem is there: the database holds them together.
  const { split = '', source = '', level = null } = problem ?? {}
  return {
    id,
    iteration,
    problem: number,
    split,
    source,
    level,
    index,
    checkpoint,
    text,
    finishReason,
    completionTokens,
    disposition,
    isHinted,
    verdict,
    rule,
    checker,
  }
}

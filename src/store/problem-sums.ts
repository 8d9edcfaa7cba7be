/** What each problem's answers have been, over the iterations whose sums are stored: carried on from one iteration to the next. */

import type { CarriedTally } from '../core/allocate/coverage.ts'
import type { Db } from './open.ts'

export interface ProblemSumQueries {
  /**
   * Takes in the iterations whose sums are stored, in order.
   * @param memory weight of an iteration's counts in the next one; another one than before begins afresh
   */
  advance(memory: number): void
  /** The newest iteration taken in under this memory; -1 before the first. */
  through(memory: number): number
  /** Of the problems that were asked in no iteration after `through`. */
  untouched(through: number): CarriedTally[]
  /** The tallies of the others, by problem id. */
  touched(through: number): Map<string, CarriedTally>
  /** Every problem that was asked up to there, by problem id. */
  all(memory: number): Map<string, ProblemSum>
}

/** How often a problem has been asked, in all and as it weighs in the iteration that asked it last. */
export interface ProblemSum extends CarriedTally {
  readonly askedInAll: number
}

/** Counts of one iteration by problem number, up to the issue number at which n_t was reached. */
const ONE_ITERATION = `
  select c.problem, count(*) as asked, sum(coalesce(v.kind = 'correct' and c.finish_reason = 'stop', 0)) as correct
  from completion c left join verdict v on v.completion = c.id
  where c.purpose = 'train' and c.iteration = :iteration and c.finish_reason <> 'failed' and c.issue <= (
    select case i.target_kind when 'sampled' then i.target - 1 else max(a.issue) end
    from completion a cross join disposition d on d.completion = a.id join iteration i on i.iteration = a.iteration
    where a.purpose = 'train' and a.iteration = :iteration and d.disposition = 'accepted')
  group by 1`

type Raw<Tally extends CarriedTally> = Omit<Tally, 'solved'> & { readonly solved: number }

function tallyOf<Row extends { readonly solved: number }>(row: Row) {
  return { ...row, solved: row.solved === 1 }
}

const LATER = `(select problem from completion where purpose = 'train' and iteration > :through)`

export function problemSumQueries(db: Db): ProblemSumQueries {
  const head = db.prepare<[], { memory: number; through: number }>('select memory, through from problem_sum_head')
  const clear = db.prepare('delete from problem_sum')
  const setHead = db.prepare(`
    insert into problem_sum_head (id, memory, through) values (1, :memory, :through)
    on conflict (id) do update set memory = :memory, through = :through`)
  const closed = db
    .prepare<[number], number>('select iteration from closed_iteration where iteration > ? order by 1')
    .pluck()
  const add = db.prepare(`
    insert into problem_sum (problem, asked, correct, carried_asked, carried_correct, last)
    select problem, asked, correct, asked, correct, :iteration from (${ONE_ITERATION}) where true
    on conflict (problem) do update set asked = problem_sum.asked + excluded.asked, correct = problem_sum.correct + excluded.correct,
      carried_asked = problem_sum.carried_asked * pow(:memory, :iteration - problem_sum.last) + excluded.asked,
      carried_correct = problem_sum.carried_correct * pow(:memory, :iteration - problem_sum.last) + excluded.correct, last = :iteration`)
  const untouched = db.prepare<object, Raw<CarriedTally>>(`
    select last, carried_asked as asked, carried_correct as correct, correct > 0 as solved
    from problem_sum where problem not in ${LATER}`)
  const touched = db.prepare<object, Raw<CarriedTally> & { readonly problem: string }>(`
    select p.id as problem, s.last, s.carried_asked as asked, s.carried_correct as correct, s.correct > 0 as solved
    from problem_sum s join problem p on p.number = s.problem where s.problem in ${LATER}`)

  const all = db.prepare<[], Raw<ProblemSum> & { readonly problem: string }>(`
    select p.id as problem, s.last, s.carried_asked as asked, s.carried_correct as correct, s.correct > 0 as solved,
      s.asked as askedInAll from problem_sum s join problem p on p.number = s.problem`)

  const through = (memory: number): number => {
    const row = head.get()
    return row?.memory === memory ? row.through : -1
  }
  const advance = db.transaction((memory: number) => {
    let last = through(memory)
    const due = closed.all(last)
    if (due[0] !== last + 1) return
    if (last < 0) clear.run()
    for (const iteration of due) {
      if (iteration !== last + 1) break
      add.run({ iteration, memory })
      last = iteration
    }
    setHead.run({ memory, through: last })
  })
  return {
    advance: (memory) => advance.immediate(memory),
    through,
    untouched: (last) => (last < 0 ? [] : untouched.all({ through: last }).map(tallyOf)),
    all: (memory) => new Map(through(memory) < 0 ? [] : all.all().map((row) => [row.problem, tallyOf(row)])),
    touched: (last) =>
      new Map((last < 0 ? [] : touched.all({ through: last })).map((row) => [row.problem, tallyOf(row)])),
  }
}

/** What inner allocation stands on: the waves that were planned, and what each problem's answers have been. */

import type { PastTally } from '../core/allocate/posterior.ts'
import type { Db } from './open.ts'

export interface AllocationQueries {
  /** Problem ids of an iteration's waves, in order. */
  waves(iteration: number): string[][]
  /** Written before anything of the wave is asked, so that a killed run asks the same. */
  addWave(iteration: number, wave: number, problems: readonly string[]): void
  /**
   * Counts of each problem in the iterations before one, of closed sampling only: up to the issue number at which n_t was
   * reached, since what was drawn beyond depends on timing.
   * @param after only of the iterations after this one
   */
  past(before: number, after?: number): PastTally[]
}

export function allocationQueries(db: Db): AllocationQueries {
  const waves = db
    .prepare<[number], string>(`
      select (select json_group_array(p.id order by j.key) from json_each(w.problems) j join problem p on p.number = j.value)
      from wave w where w.iteration = ? order by w.wave`)
    .pluck()
  const addWave = db.prepare(`
    insert into wave (iteration, wave, problems)
    values (:iteration, :wave, (select json_group_array(p.number order by j.key) from json_each(:problems) j join problem p on p.id = j.value))`)
  const past = db.prepare<[number, number], PastTally>(`
    with reach as (
      select c.iteration, case i.target_kind when 'sampled' then i.target - 1 else max(c.issue) end as last
      from completion c cross join disposition d on d.completion = c.id join iteration i on i.iteration = c.iteration
      where c.purpose = 'train' and d.disposition = 'accepted' and c.iteration < ? and c.iteration > ?
      group by c.iteration
    )
    select c.iteration, p.id as problem, count(*) as asked,
      sum(coalesce(v.kind = 'correct' and c.finish_reason = 'stop', 0)) as correct, min(c.issue) as firstIssue
    from reach r cross join completion c on c.purpose = 'train' and c.iteration = r.iteration and c.issue <= r.last join problem p on p.number = c.problem
      left join verdict v on v.completion = c.id
    where c.finish_reason <> 'failed'
    group by c.iteration, c.problem order by c.iteration, c.problem`)
  return {
    waves: (iteration) => waves.all(iteration).map((text) => JSON.parse(text) as string[]),
    addWave: (iteration, wave, problems) => void addWave.run({ iteration, wave, problems: JSON.stringify(problems) }),
    past: (before, after = -1) => past.all(before, after),
  }
}

/**
 * Sums of iterations that have ended, stored once: what the ledger, the targets and the status would otherwise count again over
 * everything that is stored. A row of `closed_iteration` says that its sums are there. Whatever changes a completion of that
 * iteration, its attempts, verdict or fate (a catch-up evaluation, `reverify`, `fork`) deletes that row by a trigger, and with it
 * the sums: a sum that is there is the count.
 */

/** The iteration's completions no longer add up to its sums. */
const forget = (name: string, event: string, table: string, iteration: string): string => `
  create trigger sums_${name} after ${event} on ${table}
  when exists (select 1 from closed_iteration where iteration = ${iteration})
  begin delete from closed_iteration where iteration = ${iteration}; end;`

const OF_COMPLETION = (row: string): string => `(select iteration from completion where id = ${row}.completion)`

/** Of the base's own measurements every iteration's gain is made. */
const FORGET_SUMMARIES = (name: string, event: string, row: string): string => `
  create trigger summaries_${name} after ${event} on completion when ${row}.iteration < 0
  begin delete from iteration_summary; end;`

export const SUMS_OF_CLOSED_ITERATIONS: string = `
  create table closed_iteration (
    iteration integer primary key,
    accepted integer not null,
    sampled integer not null,
    tokens integer not null,
    asked integer not null,
    solved integer not null
  ) strict;

  create table draw_sum (
    iteration integer not null,
    purpose text not null,
    disposition text,
    verdict text,
    finish_reason text not null,
    cached integer not null,
    completions integer not null,
    prompt_tokens integer not null,
    completion_tokens integer not null,
    latency_ms real not null
  ) strict;
  create index draw_sum_iteration on draw_sum (iteration);

  create table attempt_sum (
    iteration integer not null,
    purpose text not null,
    outcome text not null,
    attempts integer not null,
    again integer not null,
    duration_ms real not null
  ) strict;
  create index attempt_sum_iteration on attempt_sum (iteration);

  create table iteration_summary (
    iteration integer primary key,
    version text not null,
    summary text not null
  ) strict;

  create table problem_sum (
    problem integer primary key references problem (number),
    asked integer not null,
    correct integer not null,
    carried_asked real not null,
    carried_correct real not null,
    last integer not null
  ) strict;
  create table problem_sum_head (
    id integer primary key check (id = 1),
    memory real not null,
    through integer not null
  ) strict;

  create trigger sums_closed after delete on closed_iteration
  begin
    delete from draw_sum where iteration = old.iteration;
    delete from attempt_sum where iteration = old.iteration;
    delete from iteration_summary where iteration = old.iteration;
    delete from problem_sum_head where through >= old.iteration and old.iteration >= 0;
  end;
  ${forget('completion_new', 'insert', 'completion', 'new.iteration')}
  ${forget('completion_changed', 'update', 'completion', 'new.iteration')}
  ${forget('completion_gone', 'delete', 'completion', 'old.iteration')}
  ${FORGET_SUMMARIES('new', 'insert', 'new')}
  ${FORGET_SUMMARIES('changed', 'update', 'new')}
  ${FORGET_SUMMARIES('gone', 'delete', 'old')}
  ${['verdict', 'disposition', 'attempt']
    .map(
      (table) => `
  ${forget(`${table}_new`, 'insert', table, OF_COMPLETION('new'))}
  ${forget(`${table}_changed`, 'update', table, OF_COMPLETION('new'))}
  ${forget(`${table}_gone`, 'delete', table, OF_COMPLETION('old'))}`,
    )
    .join('')}
  create trigger summaries_verdict_new after insert on verdict
  when (select iteration from completion where id = new.completion) < 0
  begin delete from iteration_summary; end;
  create trigger summaries_verdict_changed after update on verdict
  when (select iteration from completion where id = new.completion) < 0
  begin delete from iteration_summary; end;

  alter table verdict add column reward real;
  alter table verdict_history add column reward real;
`

/** The database's shape, as a list of migrations: version n of a database is what the first n of them made. */

import { SUMS_OF_CLOSED_ITERATIONS } from './sums-schema.ts'

/** Append only: a migration that has been released is never edited. */
export const MIGRATIONS: readonly string[] = [
  `
  create table run (
    id integer primary key check (id = 1),
    name text not null,
    state text not null,
    reason text,
    config text not null,
    config_path text not null,
    weights text not null,
    created_at integer not null
  ) strict;

  create table problem (
    number integer primary key,
    id text not null unique,
    split text not null,
    source text not null,
    level text,
    question text not null,
    answer text not null
  ) strict;
  create index problem_split on problem (split, number);

  create table prompt (
    role text primary key,
    name text not null,
    hash text not null,
    template text not null
  ) strict;

  create table checkpoint (
    id integer primary key,
    iteration integer not null,
    attempt integer not null,
    kind text not null,
    path text not null,
    hash text not null,
    proven integer not null,
    served text,
    unique (iteration, attempt)
  ) strict;

  create table iteration (
    iteration integer primary key,
    state text not null,
    target_kind text not null,
    target integer not null,
    attempt integer not null,
    sampled_from integer references checkpoint (id)
  ) strict;

  create table completion (
    id integer primary key,
    purpose text not null,
    iteration integer not null,
    problem integer not null references problem (number),
    idx integer not null,
    issue integer not null,
    checkpoint integer not null references checkpoint (id),
    text text not null,
    finish_reason text not null,
    prompt_tokens integer not null,
    completion_tokens integer not null,
    model text not null,
    seed integer not null,
    latency_ms real not null,
    unique (purpose, iteration, problem, idx)
  ) strict;
  create index completion_issue on completion (purpose, iteration, issue);

  create table attempt (
    completion integer not null references completion (id),
    ordinal integer not null,
    outcome text not null,
    status integer not null,
    message text not null,
    started_at integer not null,
    duration_ms real not null,
    primary key (completion, ordinal)
  ) strict, without rowid;

  create table verdict (
    completion integer primary key references completion (id),
    kind text not null,
    rule text not null,
    extracted text,
    checker text not null,
    ms real not null
  ) strict;

  create table disposition (
    completion integer primary key references completion (id),
    disposition text not null
  ) strict;

  create table job (
    iteration integer not null,
    attempt integer not null,
    job text not null,
    handle text,
    state text not null,
    metrics text,
    primary key (iteration, attempt)
  ) strict;

  create table gate (
    iteration integer not null,
    attempt integer not null,
    decision text not null,
    difference real not null,
    low real not null,
    high real not null,
    n integer not null,
    alpha real not null,
    primary key (iteration, attempt)
  ) strict;

  create table activity (
    id integer primary key,
    iteration integer not null,
    phase text not null,
    started_at integer not null,
    ended_at integer not null
  ) strict;
  `,
  `
  create table verdict_history (
    id integer primary key,
    completion integer not null references completion (id),
    replaced_at integer not null,
    kind text not null,
    rule text not null,
    extracted text,
    checker text not null,
    ms real not null
  ) strict;
  create index verdict_history_completion on verdict_history (completion);
  `,
  `
  create table wave (
    iteration integer not null,
    wave integer not null,
    problems text not null,
    primary key (iteration, wave)
  ) strict, without rowid;
  `,
  `
  create table hand_over (
    id integer primary key,
    at integer not null,
    name text not null,
    weights text not null,
    step text not null,
    server text
  ) strict;

  create table canary (
    id integer primary key,
    checkpoint integer not null references checkpoint (id),
    at integer not null,
    root text,
    answered text,
    texts text not null,
    repeats integer not null,
    changed text not null
  ) strict;
  create index canary_checkpoint on canary (checkpoint, id);
  `,
  `
  alter table verdict add column method text;
  alter table verdict_history add column method text;
  `,
  `
  alter table attempt add column endpoint text;

  create table token_ids (
    row integer primary key references completion (id),
    prompt blob,
    completion blob not null
  ) strict;

  create table endpoint (
    base_url text not null,
    model text not null,
    record text not null,
    requests integer not null,
    probed_at integer not null,
    primary key (base_url, model)
  ) strict;
  `,
  `
  alter table completion add column cached integer not null default 0;

  create table probe (
    iteration integer primary key,
    temperature real not null,
    scores text not null
  ) strict;
  `,
  `
  create table decision (
    iteration integer primary key,
    kind text not null,
    size real not null,
    growth real not null,
    low real not null,
    high real not null,
    reason text not null
  ) strict;
  `,
  `
  create table beside (
    id integer primary key check (id = 1),
    requests integer not null
  ) strict;
  `,
  `
  create table label (
    completion integer not null references completion (id),
    blind integer not null,
    label text not null,
    note text,
    at integer not null,
    primary key (completion, blind)
  ) strict, without rowid;
  `,
  SUMS_OF_CLOSED_ITERATIONS,
  `
  alter table completion add column thinking integer not null default 0;
  alter table completion add column altered integer not null default 0;
  `,
  `
  alter table run add column files text;
  alter table problem add column solve_rate real;
  `,
  `
  create table extension (
    id integer primary key,
    key text not null,
    was real not null,
    now real not null,
    after integer,
    at integer not null
  ) strict;
  `,
  `
  create table external (
    id integer primary key,
    hash text not null unique,
    place text not null,
    problem integer not null references problem (number),
    text text not null,
    finish_reason text not null,
    tokens integer not null,
    token_ids text,
    kind text not null, rule text not null, method text, extracted text, checker text not null, ms real not null,
    disposition text, at integer not null
  ) strict;
  `,
  `
  create table thought (
    completion integer primary key references completion (id), purpose text not null, iteration integer not null,
    thinking real not null, answer real not null, is_cut integer not null
  ) strict;
  `,
  `
  create table fleet_step (
    id integer primary key, at integer not null, key text not null, name text not null, weights text not null,
    step text not null, handle text, address text
  ) strict;
  create index fleet_step_key on fleet_step (key, id);
  `,
  `
  create table gate_look (
    iteration integer not null, attempt integer not null, samples integer not null, decision text not null,
    difference real not null, low real not null, high real not null, n integer not null, alpha real not null, saved real,
    level real not null, primary key (iteration, attempt, samples)
  ) strict, without rowid;

  alter table gate add column saved real;
  alter table run add column common_seeds integer not null default 0;
  `,
  `
  create table vote (
    completion integer not null references completion (id), judge text not null, about integer not null, control integer not null,
    number integer not null, vote text not null, tokens integer not null, at integer not null,
    primary key (completion, judge, about, control, number)
  ) strict, without rowid;
  create index vote_about on vote (judge, about);
  `,
]

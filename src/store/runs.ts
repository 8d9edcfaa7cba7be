/** The run's own row, its problems and prompts: the snapshot that makes the folder self-contained. */

import type { Extension } from '../core/budget/extension.ts'
import type { Message } from '../core/message.ts'
import type { Problem, Split } from '../core/problem.ts'
import type { RunState } from '../core/status.ts'
import type { Db } from './open.ts'

export interface RunRow {
  readonly name: string
  readonly state: RunState
  readonly reason: string | null
  /** The resolved configuration as JSON. */
  readonly config: string
  /** Absolute path of the run.yaml it came from. */
  readonly configPath: string
  /** Ratio of prompts by source, as JSON. */
  readonly weights: string
  readonly createdAt: number
  /** SHA-256 of the problem files by their paths in run.yaml, as JSON; null in runs of 0.1.0. */
  readonly files: string | null
  /** Whether every checkpoint is measured with the seeds of the base; not so in runs of 0.1.0. */
  readonly commonSeeds: boolean
}

export const PROMPT_ROLES = ['sampling', 'training', 'evaluation'] as const
export type PromptRole = (typeof PROMPT_ROLES)[number]

/** A prompt template as the run keeps it. */
export interface StoredPrompt {
  readonly name: string
  readonly api: 'chat' | 'completions'
  readonly stop: readonly string[]
  /** The last one holds the placeholder for the question. */
  readonly messages: readonly Message[]
  /** Of the file, hexadecimal. */
  readonly sha256: string
}

export interface RunQueries {
  read(): RunRow | undefined
  /** Writes the run, its problems and its prompts in one transaction: either the folder has all of them or none. */
  create(run: RunRow, problems: readonly Problem[], prompts: Readonly<Record<PromptRole, StoredPrompt>>): void
  setState(state: RunState, reason: string | null): void
  /** A fork has a name of its own. */
  rename(name: string): void
  /** The configuration it continues with, and the run.yaml that this came from. */
  setConfig(config: string, configPath: string): void
  /** Budgets that have grown, in order. */
  extensions(): Extension[]
  /**
   * Gives the run a larger budget, and so something to do again, with the configuration that says so.
   * @param check looks at the run as it is then; where it throws, nothing has changed
   */
  extend(config: string, extensions: readonly Extension[], check: () => void): void
  /** Iterations from this one on are done again: no seam lies among them. */
  forgetSeams(from: number): void
  /** All problems of a split, in the order of import. */
  problems(split: Split): Problem[]
  /** How many there are in a split. */
  count(split: Split): number
  prompts(): Record<PromptRole, StoredPrompt>
}

export function runQueries(db: Db): RunQueries {
  const read = db.prepare<[], Omit<RunRow, 'commonSeeds'> & { readonly commonSeeds: number }>(
    'select name, state, reason, config, config_path as configPath, weights, created_at as createdAt, files, common_seeds as commonSeeds from run',
  )
  const insertRun = db.prepare(
    'insert into run (id, name, state, reason, config, config_path, weights, created_at, files, common_seeds) values (1, :name, :state, :reason, :config, :configPath, :weights, :createdAt, :files, :commonSeeds)',
  )
  const insertProblem = db.prepare(
    'insert into problem (id, split, source, level, question, answer, solve_rate) values (:id, :split, :source, :level, :question, :answer, :solveRate)',
  )
  const insertPrompt = db.prepare(
    'insert into prompt (role, name, hash, template) values (:role, :name, :hash, :template)',
  )
  const state = db.prepare('update run set state = :state, reason = :reason')
  const name = db.prepare('update run set name = ?')
  const config = db.prepare('update run set config = ?, config_path = ?')
  const problems = db.prepare<
    [string],
    Omit<Problem, 'level' | 'solveRate'> & { level: string | null; solveRate: number | null }
  >(
    'select id, split, source, level, question, answer, solve_rate as solveRate from problem where split = ? order by number',
  )
  const extensions = db.prepare<[], Extension>('select key, was, now, after from extension order by id')
  const addExtension = db.prepare(
    'insert into extension (key, was, now, after, at) values (:key, :was, :now, :after, :at)',
  )
  const goOnWith = db.prepare(`update run set config = ?, state = 'interrupted', reason = null`)
  const forgetSeams = db.prepare('update extension set after = null where after >= ?')
  const count = db.prepare<[string], number>('select count(*) from problem where split = ?').pluck()
  const prompts = db.prepare<[], { role: PromptRole; name: string; hash: string; template: string }>(
    'select role, name, hash, template from prompt',
  )

  return {
    read() {
      const row = read.get()
      return row && { ...row, commonSeeds: row.commonSeeds === 1 }
    },
    create: db.transaction(
      (run: RunRow, rows: readonly Problem[], templates: Readonly<Record<PromptRole, StoredPrompt>>) => {
        insertRun.run({ ...run, commonSeeds: run.commonSeeds ? 1 : 0 })
        for (const problem of rows)
          insertProblem.run({ ...problem, level: problem.level ?? null, solveRate: problem.solveRate ?? null })
        for (const role of PROMPT_ROLES) {
          const { name, sha256, api, stop, messages } = templates[role]
          insertPrompt.run({ role, name, hash: sha256, template: JSON.stringify({ api, stop, messages }) })
        }
      },
    ),
    setState: (next, reason) => void state.run({ state: next, reason }),
    rename: (next) => void name.run(next),
    setConfig: (text, configPath) => void config.run(text, configPath),
    extensions: () => extensions.all(),
    extend: db.transaction((text: string, rows: readonly Extension[], check: () => void) => {
      for (const row of rows) addExtension.run({ ...row, at: Date.now() })
      goOnWith.run(text)
      check()
    }),
    forgetSeams: (from) => void forgetSeams.run(from),
    problems: (split) =>
      problems.all(split).map(({ solveRate, level, ...row }) => ({
        ...row,
        level: level ?? undefined,
        ...(solveRate === null ? {} : { solveRate }),
      })),
    count: (split) => count.get(split) ?? 0,
    prompts() {
      const rows = new Map(prompts.all().map((row) => [row.role, row]))
      const of = (role: PromptRole): StoredPrompt => {
        const row = rows.get(role)
        if (!row) throw new Error(`the run has no ${role} prompt`)
        const rest = JSON.parse(row.template) as Pick<StoredPrompt, 'api' | 'stop' | 'messages'>
        return { name: row.name, sha256: row.hash, ...rest }
      }
      return { sampling: of('sampling'), training: of('training'), evaluation: of('evaluation') }
    },
  }
}

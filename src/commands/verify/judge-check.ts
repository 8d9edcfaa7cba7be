/** `spendwise verify --judge-check FILE`: how often a judge is wrong, on answers that people have labelled. */

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { ConfigError, messageOf, ServerError } from '../../core/errors.ts'
import { type Interval, wilsonInterval } from '../../core/measure/intervals.ts'
import { createJudge, type Judge, type Judged } from '../../loop/sample/judge.ts'
import { findRun } from '../../run/find-run.ts'
import { judge as check } from '../../verify/decide.ts'

const ROW = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  question: z.string().default(''),
  gold: z.string(),
  pred: z.string(),
  equal: z.boolean(),
})
type Row = z.infer<typeof ROW>

export interface JudgeCheck {
  readonly judge: string
  readonly rows: number
  /** Of answers that are not equal: called the same. What is trained on by mistake. */
  readonly falseAccepts: Share
  /** Of answers that are equal: called different. */
  readonly falseRejects: Share
  /** Of equal and of other answers: no decision, a control question that was failed counted in. */
  readonly open: { readonly equal: Share; readonly different: Share }
  /** Control questions that were failed. */
  readonly turned: number
  readonly tokens: number
  readonly lines: readonly { readonly id: string | number; readonly equal: boolean; readonly judged: Judged }[]
}

/** With its 95% interval (Wilson). */
export interface Share {
  readonly count: number
  readonly of: number
  readonly share: number
  readonly low: number
  readonly high: number
}

/**
 * @param run run.yaml or run with `verify.judge`
 * @param onJudged called after each answer with how many are judged, of how many
 * @throws ConfigError for a file that is none, ServerError where the judge cannot be asked
 */
export async function checkJudge(
  file: string,
  run: string,
  signal: AbortSignal,
  onJudged?: (done: number, of: number) => void,
): Promise<JudgeCheck> {
  const { config, configPath } = findRun(run, {})
  const { judge: written } = config.verify
  if (written === undefined) {
    throw new ConfigError(
      `${run} has no verify.judge; write verify: { judge: { endpoint: { baseURL, model } } } and try again.`,
    )
  }
  const rows = readRows(file)
  let complaint = 'its texts are too long'
  const judge = createJudge({
    judge: written,
    configDirectory: dirname(configPath),
    onNote: (text) => {
      complaint = text
    },
  })
  let done = 0
  const lines = await Promise.all(
    rows.map(async (row, at) => {
      const judged = await askAbout(row, judge, signal)
      if (judged === undefined) throw new ServerError(`${file}:${at + 1} could not be judged: ${complaint}`)
      onJudged?.(++done, rows.length)
      return { id: row.id ?? at + 1, equal: row.equal, judged }
    }),
  )
  const share = (equal: boolean, ...kinds: readonly Judged[]): Share => {
    const all = lines.filter((line) => line.equal === equal)
    const count = all.filter(({ judged }) => kinds.includes(judged)).length
    const { mean, low, high }: Interval = wilsonInterval(count, all.length)
    return { count, of: all.length, share: mean, low, high }
  }
  return {
    judge: judge.name,
    rows: rows.length,
    falseAccepts: share(false, 'same'),
    falseRejects: share(true, 'different'),
    open: { equal: share(true, 'unclear', 'turned'), different: share(false, 'unclear', 'turned') },
    turned: lines.filter(({ judged }) => judged === 'turned').length,
    tokens: judge.tokens(),
    lines,
  }
}

/** As a run asks: with the answer that the checker takes from the text, and the text itself where it takes none. */
async function askAbout({ question, gold, pred }: Row, judge: Judge, signal: AbortSignal): Promise<Judged | undefined> {
  return await judge.ask({ question, gold, answer: check(gold, pred).extracted ?? pred }, undefined, signal)
}

function readRows(file: string): Row[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${file} cannot be read (${messageOf(cause)}); give a file of labelled answers.`, { cause })
  }
  const rows = text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [readRow(line, `${file}:${at + 1}`)]))
  if (rows.length === 0) throw new ConfigError(`${file} has no rows; give some {"question", "gold", "pred", "equal"}.`)
  return rows
}

function readRow(line: string, place: string): Row {
  try {
    const parsed = ROW.safeParse(JSON.parse(line))
    if (parsed.success) return parsed.data
  } catch {
    // Said below, with what a row looks like.
  }
  throw new ConfigError(
    `${place}  is no labelled answer; each line is {"question", "gold", "pred", "equal": true or false}.`,
  )
}

/** For people. */
export function judgeCheckInWords(result: JudgeCheck): string {
  const { falseAccepts, falseRejects, open, turned, tokens, rows, judge } = result
  const line = (words: string, { count, of, share, low, high }: Share): string =>
    `  ${words.padEnd(44)}${`${count} of ${of}`.padEnd(14)}${of === 0 ? '' : `${percent(share)} (${percent(low)} to ${percent(high)})`}`
  return [
    `${judge}: ${rows} labelled answers, ${tokens} tokens`,
    line('wrong answers called right (false accepts)', falseAccepts),
    line('right answers called wrong', falseRejects),
    line('right answers left open', open.equal),
    line('wrong answers left open', open.different),
    `  answers called right next to another gold too: ${turned}`,
    '',
  ].join('\n')
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`

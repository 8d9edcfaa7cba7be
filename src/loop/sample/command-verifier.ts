/** A user's own verifier next to the checker: a program that reads pairs as lines and answers each with a verdict. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ConfigError } from '../../core/errors.ts'
import { VERDICT_KINDS, type Verdict, type VerdictKind } from '../../core/verdict.ts'
import type { Verifier } from '../context.ts'

export interface CommandVerifierOptions {
  /** Program and arguments; started without a shell, in `directory`. */
  readonly command: readonly string[]
  /** Which verdicts of the checker it may replace: `undecided` and `unparsed` ones, or all. */
  readonly commandFor: 'undecided' | 'all'
  readonly directory: string
  /** Time it has for one pair; one that takes longer gives `timeout`. */
  readonly timeoutMs: number
}

const OPEN: ReadonlySet<string> = new Set(['undecided', 'unparsed'])

/** The checker with a program behind it: it is started once a batch, and only where there is something for it to judge. */
export function withCommand(checker: Verifier, options: CommandVerifierOptions): Verifier {
  return {
    async verify(batch, signal) {
      const verdicts = await checker.verify(batch, signal)
      const open = verdicts.flatMap(({ kind }, at) => (options.commandFor === 'all' || OPEN.has(kind) ? [at] : []))
      if (open.length === 0) return verdicts
      const pairs = open.map((at) => ({ id: at, gold: batch[at]?.gold ?? '', pred: batch[at]?.text ?? '' }))
      const answers = await askProgram(pairs, options, signal)
      return verdicts.map((verdict, at) => answers.get(at) ?? verdict)
    },
    close: () => checker.close(),
  }
}

interface ProgramPair {
  readonly id: number
  readonly gold: string
  readonly pred: string
}

/**
 * One line `{"id", "gold", "pred"}` a pair in, one `{"id", "verdict", "rule", "reward"}` out, in any order; a pair without an answer
 * keeps the checker's verdict.
 * @throws ConfigError where the program cannot be started, fails, or writes something else
 */
async function askProgram(
  pairs: readonly ProgramPair[],
  { command, directory, timeoutMs }: CommandVerifierOptions,
  signal: AbortSignal,
): Promise<Map<number, Verdict>> {
  signal.throwIfAborted()
  const [file = '', ...args] = command
  const name = command.join(' ')
  const child = spawn(file, args, { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] })
  const answers = new Map<number, Verdict>()
  const start = performance.now()
  let isLate = false
  let complaint = ''
  const stop = (): void => void child.kill('SIGKILL')
  const timer = setTimeout(() => {
    isLate = true
    stop()
  }, timeoutMs * pairs.length)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new ConfigError(`verify.command cannot be started: ${name} (${error.message}).`, { cause: error })),
      )
      child.once('close', resolve)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk.toString()}`.slice(-300)
    })
    // A program that ends before it has read all of its input closes the pipe; its exit code says what that means.
    child.stdin.on('error', () => undefined)
    child.stdin.end(pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''))
    const reading = readAnswers(child.stdout, answers, name, start)
    reading.catch(stop)
    const code = await exited
    signal.throwIfAborted()
    await reading
    if (code !== 0 && !isLate) {
      throw new ConfigError(`verify.command ended with code ${code ?? 'none'}: ${name}. ${complaint.trim()}`.trim())
    }
    if (isLate) for (const { id } of pairs) if (!answers.has(id)) answers.set(id, late(name, timeoutMs))
    return answers
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

async function readAnswers(
  output: NodeJS.ReadableStream,
  answers: Map<number, Verdict>,
  name: string,
  start: number,
): Promise<void> {
  for await (const line of createInterface({ input: output })) {
    if (line.trim() === '') continue
    const answer = parseAnswer(line)
    if (!answer) {
      throw new ConfigError(
        `verify.command wrote a line that is no verdict: ${line.slice(0, 120)}; each has to be {"id", "verdict"}, with verdict one of ${VERDICT_KINDS.join(', ')} and, where it grades, a reward from 0 to 1.`,
      )
    }
    const { id, verdict, rule, extracted, reward } = answer
    const ms = performance.now() - start
    answers.set(id, {
      kind: verdict,
      rule: `command:${rule}`,
      extracted,
      ...(reward === undefined ? {} : { reward }),
      checker: `command ${name}`.slice(0, 200),
      ms,
    })
  }
}

interface ProgramAnswer {
  readonly id: number
  readonly verdict: VerdictKind
  readonly rule: string
  readonly extracted: string | undefined
  readonly reward: number | undefined
}

/** Undefined where the line is no verdict. */
function parseAnswer(line: string): ProgramAnswer | undefined {
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null || !('id' in value) || !('verdict' in value)) return undefined
  const verdict = VERDICT_KINDS.find((kind) => kind === value.verdict)
  const id = Number(value.id)
  if (verdict === undefined || !Number.isInteger(id)) return undefined
  const rule = 'rule' in value && typeof value.rule === 'string' ? value.rule.slice(0, 200) : 'verdict'
  const extracted = 'extracted' in value && typeof value.extracted === 'string' ? value.extracted : undefined
  const reward = 'reward' in value && value.reward !== null ? value.reward : undefined
  if (reward !== undefined && !(typeof reward === 'number' && reward >= 0 && reward <= 1)) return undefined
  return { id, verdict, rule, extracted, reward }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // The caller says which line it is.
    return undefined
  }
}

function late(name: string, timeoutMs: number): Verdict {
  const checker = `command ${name}`.slice(0, 200)
  return { kind: 'timeout', rule: 'limit:time', extracted: undefined, checker, ms: timeoutMs }
}

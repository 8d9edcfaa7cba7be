/** The problems the test server knows, and how it recognises one in a prompt. */

import { readFileSync } from 'node:fs'

export interface KnownProblem {
  readonly question: string
  /** The gold answer, as it is written after `#### `. */
  readonly answer: string
}

export interface ProblemBook {
  readonly size: number
  /** The known problem that ends last in the prompt: with few-shot examples before it, the last one is the one asked. */
  find(prompt: string): KnownProblem | undefined
}

/** Reads GSM8K rows (`answer` ends in `#### 72`), JSONL rows (`question`, `answer`) and MATH rows (`problem`, `answer`). */
export function readProblems(file: string): KnownProblem[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.map((line, i) => {
    const row: Record<string, unknown> = JSON.parse(line)
    const question = row.question ?? row.problem
    if (typeof question !== 'string' || row.answer === undefined) {
      throw new Error(`${file}:${i + 1}  expected "question" and "answer", got ${Object.keys(row).join(', ')}`)
    }
    const answer = String(row.answer)
    const marker = answer.lastIndexOf('####')
    return {
      question: question.trim(),
      answer:
        marker < 0
          ? answer.trim()
          : answer
              .slice(marker + 4)
              .trim()
              .replaceAll(',', ''),
    }
  })
}

export function createProblemBook(problems: readonly KnownProblem[]): ProblemBook {
  // Questions are found by their first characters, so that a prompt is scanned once whatever the number of problems.
  const keyLength = Math.min(24, ...problems.map((problem) => problem.question.length))
  const byStart = new Map<string, KnownProblem[]>()
  for (const problem of problems) {
    const key = problem.question.slice(0, keyLength)
    const same = byStart.get(key)
    if (same) same.push(problem)
    else byStart.set(key, [problem])
  }
  const remembered = new Map<string, KnownProblem | undefined>()

  function scan(prompt: string): KnownProblem | undefined {
    let best: { end: number; problem: KnownProblem } | undefined
    for (let at = 0; at + keyLength <= prompt.length; at++) {
      for (const problem of byStart.get(prompt.slice(at, at + keyLength)) ?? []) {
        const end = at + problem.question.length
        // A later start with the same end is a question inside a longer one: the longer one, found first, stays.
        if (end > (best?.end ?? 0) && prompt.startsWith(problem.question, at)) best = { end, problem }
      }
    }
    return best?.problem
  }

  return {
    size: problems.length,
    find(prompt) {
      if (problems.length === 0) return undefined
      if (!remembered.has(prompt)) {
        if (remembered.size > 50_000) remembered.clear()
        remembered.set(prompt, scan(prompt))
      }
      return remembered.get(prompt)
    },
  }
}

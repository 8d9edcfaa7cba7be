/** The last `\boxed{}` or `\fbox{}` of a text, with balanced braces, joined with the boxes right before it. */

import type { VerifyLimits } from '../limits.ts'
import type { Found } from './found.ts'

// Where a backslash was eaten on the way, `\b` became a backspace or the command lost its head.
const COMMANDS = ['\\boxed', '\\fbox', '\\framebox', '\boxed', 'boxed{'] as const
const MOST_NEIGHBOURS = 20
// What may stand between two boxes that are one answer: \boxed{-2} \quad\text{and}\quad \boxed{1}.
const BETWEEN = /^(?:\s|\$|,|;|&|\\quad|\\qquad|\\[,;:()[\] ]|\\text\s*\{\s*(?:and|or)?,?\s*\}|\band\b|\bor\b)*$/

interface Box {
  readonly at: number
  readonly end: number
  /** Undefined where the braces do not close. */
  readonly content: string | undefined
}

/** The content of the last box; of boxes side by side with different contents, `first, second`. */
export function extractBoxed(text: string, limits: VerifyLimits): Found | undefined {
  const last = findBoxBefore(text, text.length, text.length)
  if (!last) return undefined
  if (last.content === undefined) return { rule: 'extract:boxed', at: last.at, content: undefined }
  const contents = [last.content]
  let first = last
  for (let i = 0; i < MOST_NEIGHBOURS; i++) {
    const previous = findBoxBefore(text, first.at, limits.answerCharacters)
    if (previous?.content === undefined || previous.end > first.at) break
    const between = text.slice(previous.end, first.at)
    if (between.length > 60 || !BETWEEN.test(between)) break
    if (!contents.includes(previous.content)) contents.unshift(previous.content)
    first = previous
  }
  return { rule: 'extract:boxed', at: last.at, content: contents.map(innermost).join(', ') }
}

/** The last box that starts before `before`; its closing brace is sought within `window` characters. */
function findBoxBefore(text: string, before: number, window: number): Box | undefined {
  if (before === 0) return undefined
  let at = -1
  let command = ''
  for (const name of COMMANDS) {
    const found = text.lastIndexOf(name, before - 1)
    if (found <= at || (name === 'boxed{' && !standsAlone(text, found))) continue
    ;[at, command] = [found, name === 'boxed{' ? 'boxed' : name]
  }
  if (at < 0) return undefined
  const start = at + command.length
  const head = /^\s*(?:\{|([+-]?[\d.,/]*\d|[A-Za-z](?![A-Za-z])))?/.exec(text.slice(start, start + 64))
  const end = start + (head?.[0].length ?? 0)
  if (head?.[1] !== undefined) return { at, end, content: head[1] }
  if (!head?.[0].endsWith('{')) return { at, end: start, content: undefined }
  const close = closingBrace(text, end, Math.min(text.length, end + window))
  return close === undefined ? { at, end, content: undefined } : { at, end: close + 1, content: text.slice(end, close) }
}

/** No letter right before it, or the letters of a broken command: `\beginboxed{`. */
function standsAlone(text: string, at: number): boolean {
  return /(?:^|[^A-Za-z\\]|\\[a-z]{1,12})$/.test(text.slice(Math.max(0, at - 14), at))
}

/** Where the brace that is open at `from` closes; a brace behind a backslash is text. */
function closingBrace(text: string, from: number, to: number): number | undefined {
  let open = 1
  for (let i = from; i < to; i++) {
    const character = text.charCodeAt(i)
    if (character === 0x5c) i++
    else if (character === 0x7b) open++
    else if (character === 0x7d && --open === 0) return i
  }
  return undefined
}

/** `\boxed{\boxed{5}}` says 5: the outer box of a nested pair has nothing of its own. */
function innermost(content: string): string {
  return content.replace(/^\s*\\(?:boxed|fbox)\s*\{([^{}]*)\}\s*$/, '$1')
}

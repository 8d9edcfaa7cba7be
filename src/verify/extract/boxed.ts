/** The last `\boxed{}` or `\fbox{}` of a text, with balanced braces, joined with the boxes right before it. */

import type { VerifyLimits } from '../limits.ts'
import { isCompared, isTakenBack, sentenceBefore, standingOfValue } from './around.ts'
import type { Found, Standing } from './found.ts'
import { isPartOfFormula } from './within.ts'

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

const MOST_BOXES = 12

/**
 * The last boxes of a text, in their order: of boxes side by side with different contents, `first, second`. What stands around
 * a box says how it stands.
 */
export function findBoxes(text: string, limits: VerifyLimits): readonly Found[] {
  const found: Found[] = []
  if (!text.includes('ox')) return found
  let before = text.length
  while (found.length < MOST_BOXES) {
    const run = boxRunBefore(text, before, limits)
    if (!run) break
    found.unshift(run.found)
    before = run.start
  }
  return found
}

/** The last run of neighbouring boxes before a place. */
function boxRunBefore(
  text: string,
  before: number,
  limits: VerifyLimits,
): { readonly found: Found; readonly start: number } | undefined {
  const last = findBoxBefore(text, before, before === text.length ? text.length : limits.answerCharacters)
  if (!last) return undefined
  const rule = 'extract:boxed'
  if (last.content === undefined) return { found: { rule, at: last.at, content: undefined }, start: last.at }
  const contents = [last.content]
  let first = last
  for (let i = 0; i < MOST_NEIGHBOURS; i++) {
    const previous = findBoxBefore(text, first.at, limits.answerCharacters, true)
    if (previous?.content === undefined || previous.end > first.at) break
    const between = text.slice(previous.end, first.at)
    if (between.length > 60 || !BETWEEN.test(between)) break
    if (!contents.includes(previous.content)) contents.unshift(previous.content)
    first = previous
  }
  const after = text.slice(last.end, last.end + MOST_BEHIND)
  const standing = standingOfBoxes(sentenceBefore(text, first.at), after)
  const behind = contents.length === 1 ? unitBehind(after) : undefined
  return {
    found: { rule, at: last.at, content: contents.map(innermost).join(', '), standing, behind },
    start: first.at,
  }
}

const MOST_BEHIND = 80
const UNIT_BEHIND =
  /^(?:[\s$~]|\\[,;: ]|\\q?quad)*(?:\\(?:text|mathrm|rm|mbox|operatorname)\s*\{\s*([^{}]{1,24})\}(\s*\^\s*\{?-?\d\}?)?|([A-Za-zµμΩ°][A-Za-zµμΩ°/^·\d²³]{0,11})(?=\s*(?:[.,;:!)$\n]|$)))/

/** `\boxed{40} MW`: a word of its own at the end of a clause, or one in a command. */
function unitBehind(after: string): string | undefined {
  const [, inCommand, exponent = '', plain] = UNIT_BEHIND.exec(after) ?? []
  return inCommand === undefined ? plain : inCommand + exponent
}

function standingOfBoxes(before: string, after: string): Standing {
  if (isTakenBack(after)) return 'denied'
  return isPartOfFormula(before, after) || isCompared(before, after) ? 'other' : standingOfValue(before)
}

/** The last box that starts before `before`; its closing brace is sought within `window` characters. */
function findBoxBefore(whole: string, before: number, window: number, isNear = false): Box | undefined {
  if (before === 0) return undefined
  // A neighbour is sought nearby: a megabyte of boxes is not searched for each of them.
  const from = isNear ? Math.max(0, before - window - MOST_BETWEEN) : 0
  const found = lastBoxIn(isNear ? whole.slice(from, before) : whole, before - from, window)
  if (!found || !isNear) return found
  return { ...found, at: found.at + from, end: found.end + from }
}

const MOST_BETWEEN = 100

function lastBoxIn(text: string, before: number, window: number): Box | undefined {
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

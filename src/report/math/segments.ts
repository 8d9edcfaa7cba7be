/**
 * Finds the formulas of a text: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, and `\boxed{…}` that stands in prose.
 *
 * A dollar sign is money far more often than it is a delimiter: `$30,000`, `$5 and $10` stay text. The rule is Pandoc's (no
 * space after the opening sign, none before the closing one, no digit after it), and what lies between must not be prose.
 */

export type Segment =
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  /** `source` with its delimiters, as it stands in the text; `tex` without them. */
  | {
      readonly kind: 'math'
      readonly tex: string
      readonly display: boolean
      readonly source: string
      readonly at: number
    }

/** A formula longer than this is shown as text. */
export const MOST_TEX = 2_000
/** Formulas of one text that are set; what follows stays text. */
export const MOST_FORMULAS = 400
/** Characters of a text that are looked through for formulas. */
export const MOST_TEXT = 100_000

/** The text in order, every character once. Formulas do not nest. */
export function segmentsOf(text: string): Segment[] {
  const out: Segment[] = []
  const end = Math.min(text.length, MOST_TEXT)
  let plainFrom = 0
  let formulas = 0
  const closing = createClosing(text, end + MOST_TEX)
  for (let at = 0; at < end && formulas < MOST_FORMULAS; ) {
    const found = formulaAt(text, at, closing)
    if (found === undefined) {
      at = nextCandidate(text, at + 1)
      continue
    }
    if (at > plainFrom) out.push({ kind: 'text', text: text.slice(plainFrom, at), at: plainFrom })
    out.push({ kind: 'math', ...found, at })
    formulas++
    at += found.source.length
    plainFrom = at
  }
  if (plainFrom < text.length) out.push({ kind: 'text', text: text.slice(plainFrom), at: plainFrom })
  return out
}

interface Formula {
  readonly tex: string
  readonly display: boolean
  readonly source: string
}

const CANDIDATE = /[$\\]/g

function nextCandidate(text: string, from: number): number {
  CANDIDATE.lastIndex = from
  return CANDIDATE.exec(text)?.index ?? text.length
}

function formulaAt(text: string, at: number, closing: Closing): Formula | undefined {
  if (text[at] === '$') return text[at + 1] === '$' ? delimited(text, at, '$$', closing) : singleDollar(text, at)
  if (text[at] !== '\\') return undefined
  // A backslash before it makes `\\(` a line break and a bracket.
  if (text[at - 1] === '\\') return undefined
  if (text[at + 1] === '(') return delimited(text, at, '\\)', closing)
  if (text[at + 1] === '[') return delimited(text, at, '\\]', closing)
  return boxed(text, at)
}

/** Where a delimiter stands next, from a place on; -1 where it does not. */
type Closing = (close: Delimiter, from: number) => number
type Delimiter = '$$' | '\\)' | '\\]'

/** Looks for each place once: a megabyte of opening delimiters must not cost a square. */
function createClosing(text: string, end: number): Closing {
  const searched = text.slice(0, end)
  const known = new Map<Delimiter, { readonly from: number; readonly at: number }>()
  return (close, from) => {
    const last = known.get(close)
    if (last && from >= last.from && (last.at < 0 || from <= last.at)) return last.at
    const at = searched.indexOf(close, from)
    known.set(close, { from, at })
    return at
  }
}

function delimited(text: string, at: number, close: Delimiter, closing: Closing): Formula | undefined {
  const end = closing(close, at + 2)
  if (end < 0 || end - at > MOST_TEX) return undefined
  return formula(text.slice(at + 2, end), close !== '\\)', text.slice(at, end + 2))
}

function singleDollar(text: string, at: number): Formula | undefined {
  if (text[at - 1] === '\\' || isSpace(text[at + 1])) return undefined
  for (let end = at + 1; end < text.length && end - at <= MOST_TEX; end++) {
    const character = text[end]
    // A paragraph's end is a formula's end.
    if (character === '\n' && text[end + 1] === '\n') return undefined
    if (character !== '$' || text[end - 1] === '\\') continue
    if (isSpace(text[end - 1]) || isDigit(text[end + 1])) return undefined
    const tex = text.slice(at + 1, end)
    return isProse(tex) ? undefined : formula(tex, false, text.slice(at, end + 1))
  }
  return undefined
}

const BOX = /\\(?:boxed|fbox)\s*\{/y

/** Characters that a box which never closes is followed for. */
const MOST_BOX = 600

/** `\boxed{…}` up to the brace that closes it. */
function boxed(text: string, at: number): Formula | undefined {
  BOX.lastIndex = at
  const head = BOX.exec(text)
  if (!head) return undefined
  let depth = 1
  for (let end = BOX.lastIndex; end < text.length && end - at <= MOST_BOX; end++) {
    const character = text[end]
    if (character === '\\') end++
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) {
      const source = text.slice(at, end + 1)
      return formula(source, false, source)
    }
  }
  return undefined
}

function formula(tex: string, display: boolean, source: string): Formula | undefined {
  return tex.trim() === '' ? undefined : { tex, display, source }
}

/** Two words side by side, or a word behind a price: money in a sentence, not a formula. */
function isProse(tex: string): boolean {
  const bare = tex
    .replace(/\\(?:text|mathrm|textbf|textit|operatorname|mbox)\s*\{[^{}]*\}/g, ' ')
    .replace(/\\[A-Za-z]+/g, ' ')
  if (/[A-Za-z]{2,}[,;:.]?\s+[A-Za-z]{2,}/.test(bare)) return true
  return /^[\d,.]+\s+[A-Za-z]{2,}|[A-Za-z]{3,}\s+[\d(]*$/.test(bare.trim())
}

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character)
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

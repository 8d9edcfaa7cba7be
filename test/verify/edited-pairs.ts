/** Pairs of our own with one edit each, such as a hand or a model makes: near to what the rules are about, and to their edges. */

import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../fixtures/verifier-cases/', import.meta.url)
const REWORDINGS = new URL('./compare/rewordings.txt', import.meta.url)
const LONGEST = 110

export interface EditedPair {
  readonly gold: string
  readonly completion: string
}

/** Numbers that are the same on every machine and in every version of a library. */
function numbersFor(text: string): (below: number) => number {
  let state = 2_166_136_261
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const PIECES = [
  ...[' ', '  ', '\\,', '\\ ', ',', '.', ';', ':', '+', '-', '=', '<', '\\le ', '!', '%', '^\\circ', '\\pi', "'"],
  ...[
    '(',
    ')',
    '[',
    '{',
    '}',
    '|',
    '0',
    '1',
    '.5',
    '^2',
    '_1',
    'x',
    'i',
    '\\sqrt',
    '\\text{ m}',
    '\\text{ or }',
    ' and ',
  ],
  ...[
    '\\pm ',
    '\\cup ',
    '\\frac',
    '\\left(',
    '\\right)',
    '$',
    '\n',
    '\\\\',
    '&',
    '\\infty',
    '\\{',
    '\\}',
    '#### ',
    '**',
  ],
]

const EDITS: readonly ((tokens: readonly string[], at: number, pick: (below: number) => number) => string[])[] = [
  (tokens, at) => tokens.toSpliced(at, 1),
  (tokens, at) => tokens.toSpliced(at, 0, tokens[at] ?? ''),
  (tokens, at) => tokens.toSpliced(at, 2, tokens[at + 1] ?? '', tokens[at] ?? ''),
  (tokens, at) => tokens.toSpliced(at, 0, ' '),
  (tokens, at, pick) => tokens.toSpliced(at, 0, PIECES[pick(PIECES.length)] ?? ''),
  (tokens, at, pick) => tokens.toSpliced(at, 1, PIECES[pick(PIECES.length)] ?? ''),
]

function edited(completion: string, seed: string): string {
  const tokens = completion.match(/\\[A-Za-z]+|\\.|\d+|[A-Za-z]+|\s+|[\s\S]/gu) ?? []
  const pick = numbersFor(seed)
  const edit = EDITS[pick(EDITS.length)]
  return edit?.(tokens, pick(tokens.length), pick).join('') ?? completion
}

/** In the order of their files. */
export function editedPairs(): readonly EditedPair[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))
  const own = files.sort().flatMap((name) => readFileSync(new URL(name, FOLDER), 'utf8').split('\n'))
  const lines = own.filter((line) => /^[-+~] /.test(line)).map((line) => line.slice(2))
  return [...lines, ...readFileSync(REWORDINGS, 'utf8').split('\n')].flatMap((line) => {
    const [gold, text] = line.split(' ||| ')
    if (gold === undefined || text === undefined || line.length > LONGEST) return []
    return [{ gold, completion: edited(text.replaceAll('⏎', '\n'), line) }]
  })
}

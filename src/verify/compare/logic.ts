/** Propositional formulas by their truth tables: and, or, not, implies, if and only if, exclusive or. */

/** Value of a formula where its letters are what `world` says. */
type Formula = (world: ReadonlyMap<string, boolean>) => boolean

interface Reading {
  readonly formula: Formula
  readonly letters: ReadonlySet<string>
}

const TOKENS =
  /\s*(?:(\\neg|\\lnot|¬|≈|!|\\sim)(?![A-Za-z])|(⋀|∧|&{1,2})|(⋁|∨|\|{1,2})|(\\oplus|⊕|\\veebar)(?![A-Za-z])|(\\(?:long)?leftrightarrow|\\Leftrightarrow|\\iff|↔|⇔)(?![A-Za-z])|(→|⇒|\\supset)|([([{])|([)\]}])|(?:\\(?:top|bot)(?![A-Za-z]))|([A-Za-z])(?![A-Za-z]))/y
const SIGNS = /[⋀⋁¬→⇒↔⇔⊕]|\\(?:neg|lnot|oplus|veebar|iff|(?:long)?leftrightarrow|Leftrightarrow)(?![A-Za-z])/
const KINDS = ['not', 'and', 'or', 'xor', 'iff', 'implies', 'open', 'close', 'letter'] as const
const MOST_LETTERS = 8
const MOST_TOKENS = 120

interface Token {
  readonly kind: (typeof KINDS)[number]
  readonly text: string
}

/** True or false where both sides are formulas of propositional logic with the same letters; undefined where one is none. */
export function sameTruth(gold: string, answer: string): boolean | undefined {
  if (!SIGNS.test(gold) && !SIGNS.test(answer)) return undefined
  const [left, right] = [readFormula(gold), readFormula(answer)]
  if (!left || !right) return undefined
  const letters = [...new Set([...left.letters, ...right.letters])]
  if (letters.length > MOST_LETTERS || letters.length < 1) return undefined
  for (let bits = 0; bits < 2 ** letters.length; bits++) {
    const world = new Map(letters.map((letter, at) => [letter, (bits >> at) % 2 === 1] as const))
    if (left.formula(world) !== right.formula(world)) return false
  }
  return true
}

function readFormula(text: string): Reading | undefined {
  const tokens = tokensOf(text.replace(/[\ue000\ue001]/g, ' '))
  if (!tokens?.some(({ kind }) => kind !== 'open' && kind !== 'close' && kind !== 'letter')) return undefined
  const letters = new Set(tokens.filter(({ kind }) => kind === 'letter').map(({ text: letter }) => letter))
  let at = 0
  const take = (kind: Token['kind']): boolean => {
    if (tokens[at]?.kind !== kind) return false
    at++
    return true
  }
  // From the loosest to the tightest; implication goes to the right.
  const binary = (kind: Token['kind'], next: () => Formula | undefined, apply: (a: boolean, b: boolean) => boolean) => {
    return (): Formula | undefined => {
      let left = next()
      while (left && take(kind)) {
        const [first, right] = [left, next()]
        if (!right) return undefined
        left = (world) => apply(first(world), right(world))
      }
      return left
    }
  }
  const atom = (): Formula | undefined => {
    if (take('not')) {
      const inner = atom()
      return inner && ((world) => !inner(world))
    }
    if (take('open')) {
      const inner = iff()
      return take('close') ? inner : undefined
    }
    const letter = tokens[at]?.text
    return letter !== undefined && take('letter') ? (world) => world.get(letter) === true : undefined
  }
  const and = binary('and', atom, (a, b) => a && b)
  const xor = binary('xor', and, (a, b) => a !== b)
  const or = binary('or', xor, (a, b) => a || b)
  const implies = (): Formula | undefined => {
    const left = or()
    if (!left || !take('implies')) return left
    const right = implies()
    return right && ((world) => !left(world) || right(world))
  }
  const iff = binary('iff', implies, (a, b) => a === b)
  const formula = iff()
  return formula && at === tokens.length ? { formula, letters } : undefined
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = []
  const bare = text.trim()
  for (let at = 0; at < bare.length; ) {
    TOKENS.lastIndex = at
    const match = TOKENS.exec(bare)
    if (!match || tokens.length >= MOST_TOKENS) return undefined
    const kind = KINDS[match.slice(1).findIndex((part) => part !== undefined)]
    if (kind === undefined) return undefined
    tokens.push({ kind, text: match[9] ?? match[0].trim() })
    at = TOKENS.lastIndex
  }
  return tokens
}

/** Every rule that can decide a verdict, in words: a rule that is not here cannot be given by a comparison. */

export const REASONS = {
  text: 'both sides are the same text',
  number: 'both sides are numbers and were compared exactly',
  algebra: 'both sides have one normal form, or two that differ, over the rational numbers',
  probe: 'both sides were evaluated at the same seeded points',
  rounded: 'one side is a decimal, and the other rounds to it',
  family: 'both sides are the same values for all whole numbers of the parameter',
  infinity: 'one side is infinite',
  percent: 'one side has a percent sign and was compared as the percent policy says',
  units: 'both sides have units, which were converted, or the unit policy asks for one',
  degrees: 'degrees on one side were compared with radians on the other',
  measure: 'the sides have different units, which cannot be converted',
  name: 'the sides give the same value to different names',
  list: 'lists were compared item by item, in any order unless the order policy says otherwise',
  set: 'sets were compared in any order, repetition aside',
  tuple: 'tuples were compared part by part, in order',
  brackets: 'the brackets differ',
  interval: 'both sides were compared as sets of real numbers',
  sets: 'unions, intersections and differences were compared part by part',
  chain: 'a chain of inequalities was compared with a list in its order',
  relation: 'equations or inequalities were compared side by side',
  equation: 'both equations are the same up to a constant factor',
  solved: 'one side solves the equation of the other',
  assignment: 'a name was given a value, which was compared with the other side',
  identity: 'an identity says its right side, which was compared',
  constants: 'the constants of one side were given the names of the other',
  vector: 'a tuple was compared with the coordinates of a point or a vector',
  dots: 'one side has dots, and what they stand for is not known',
  logic: 'both sides are formulas of logic, compared by their truth tables',
  connective: 'the same conditions are joined by and on one side and by or on the other',
  residue: 'residue classes, or families of whole numbers, were compared class by class',
  'false-chain': 'the answer is a chain of equals signs that do not hold',
  product: 'both sides are one product of matrices, turned round by inverses or transposes',
  'side-by-side': 'two numbers of the answer stand side by side: a product, or two answers',
  order: 'the sides have the same factors in another order, and they may be matrices or vectors',
  whole: 'sets of whole numbers were compared member by member',
  matrix: 'matrices were compared entry by entry',
  cases: 'cases were compared in any order',
  clock: 'both sides are times of day',
  ratio: 'ratios were compared by their quotients',
  base: 'numerals were compared with their bases',
  choice: 'both sides choose a letter',
  words: 'both sides are words',
  count: 'one side is a list and the other a single value',
  kinds: 'the sides are of different kinds, and no rule decides',
  parse: 'the gold answer was read and this answer could not be',
  'gold:text': 'the gold answer is no mathematics that can be read, and the texts differ',
  'gold:none': 'the gold answer is empty or malformed',
  'gold:limit': 'the gold answer is beyond the limits',
  'extract:none': 'no answer was found in the text',
  'extract:unfinished': 'thinking began and never ended, so that nothing was answered',
} as const satisfies Readonly<Record<string, string>>

/** Or the limit that an answer is beyond, or where its marker was looked for in vain. */
export type Rule = keyof typeof REASONS | `limit:${string}` | `extract:${string}`

/** Reasons by rule. A test may add one of its own. */
export type Reasons = Readonly<Record<string, string>>

/** The rule in words; extraction rules decide where the last marker is empty. */
export function reasonOf(rule: string, reasons: Reasons = REASONS): string {
  if (rule.startsWith('judge:')) return 'the checker left it open, and most votes of a judging model decided'
  if (rule.startsWith('command:')) return "a verifier of the user's own decided"
  if (rule.startsWith('limit:')) return `the answer is beyond the limit on ${rule.slice('limit:'.length)}`
  return reasons[rule] ?? 'the last answer marker holds no complete answer'
}

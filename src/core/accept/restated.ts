/** Answers that only repeat a formula of their question: `17·23` for the question what 17·23 is. */

/** Formulas in the delimiters of LaTeX; every piece is bounded, so that the search is linear. */
const FORMULA =
  /\$\$([^$]{1,2000})\$\$|\$([^$\n]{1,2000})\$|\\\(((?:[^\\]|\\[^)]){1,2000}?)\\\)|\\\[((?:[^\\]|\\[^\]]){1,2000}?)\\\]/g
const RELATION = /\\(?:leq?|geq?|neq?|equiv|approx|in)(?![A-Za-z])|[=<>≤≥≠≡≈∈]/
// A number, a letter, a pair of them: what stands in a question and may well be its answer.
const WORKED_OUT =
  /[-+*/^=<>≤≥≠≡∈!|]|\\(?:cdot|times|div|d?frac|sqrt|d?binom|sum|int|prod|lim|log|ln|sin|cos|tan|exp|pmod|lfloor|lceil|left\||pm)(?![A-Za-z])|\d\s*\(|[A-Za-z]\s*\(|\d[A-Za-z]/

/**
 * Whether an extracted answer is a formula of its question, or a side of one, and not the gold answer's own text. Plain numbers and
 * names never are: they say a value.
 */
export function isRestated(question: string, extracted: string, gold: string): boolean {
  const answer = plain(extracted)
  if (answer === '' || answer === plain(gold) || !WORKED_OUT.test(answer.replace(/^-/, ''))) return false
  for (const match of question.matchAll(FORMULA)) {
    const formula = match.slice(1).find((part) => part !== undefined) ?? ''
    if (plain(formula) === answer) return true
    const sides = formula.split(RELATION)
    if (sides.length > 1 && sides.some((side) => plain(side) === answer)) return true
  }
  return false
}

/** One spelling: no spaces, sizes, delimiters, fonts, and one sign for a product. */
function plain(formula: string): string {
  return formula
    .replace(/\\(?:left|right|displaystyle|textstyle|big[lr]?|Big[lr]?)(?![A-Za-z])|\\[,;:! ]|[$\s~]/g, '')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\\(?:cdot|times)(?![A-Za-z])|[×⋅]/g, '*')
    .replace(/\\div(?![A-Za-z])|÷/g, '/')
    .replace(/\{(\w)\}/g, '$1')
    .replace(/[.,;:?]+$/, '')
}

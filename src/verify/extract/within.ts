/** A box that is a part of a larger formula: `-\boxed{3}`, `2\cdot\boxed{3}`, `\frac{\boxed{3}}{2}`, `\boxed{3}^2`. */

const GAP = String.raw`(?:\s|~|\\[,;:! ]|\\left\(|\()*`
// A dash between blanks is a dash, one at the beginning of a line a bullet, and two stars are bold.
const WORKED_ON_BEFORE = new RegExp(
  `(?:${[
    String.raw`\\(?:cdot|times|div|pm|mp|ln|log|sin|cos|tan|exp|lfloor|lceil)${GAP}`,
    String.raw`\\[dt]?frac\s*\{(?:[^{}]*\}\s*\{)?${GAP}`,
    String.raw`\\sqrt\s*(?:\[[^\]]*\]\s*)?\{?`,
    String.raw`[\^_]\{?`,
    String.raw`\S\s*[+×÷]${GAP}`,
    String.raw`[\d})]\s*[*/]\s*`,
    String.raw`[=$]\s*[-−]${GAP}`,
    String.raw`(?<![-:–—−])[-−]`,
    String.raw`(?<![A-Za-z.]\s*)\d(?:\\[,;! ])?`,
  ].join('|')})$`,
)
const WORKED_ON_AFTER =
  /^(?:\s|~|\\[,;:! ])*(?:\^(?!\s*\{?\s*\\?(?:circ|deg|prime|text|mathrm|st\b|nd\b|rd\b|th\b))|\\(?:cdot|times|div|pm)(?![A-Za-z])|[×÷]|[*/](?=\s*[\d\\(])|[+−-](?=[\d(]|\\(?:frac|sqrt|pi|boxed)))/
/** The rest of a formula, up to where it is closed. */
const REST = /^(?:[^$\n\\]|\\(?![)\]]))*/

/**
 * Whether the formula that a box stands in does something with it, so that the box alone is not what is said. A blank that is
 * filled in, `3 + \boxed{7} = 10`, is what is said.
 * @param before the sentence up to the box
 * @param after what follows it, at least to the end of its formula
 */
export function isPartOfFormula(before: string, after: string): boolean {
  if (!WORKED_ON_BEFORE.test(before) && !WORKED_ON_AFTER.test(after)) return false
  return !/=|\\approx|≈/.test(REST.exec(after)?.[0] ?? '')
}

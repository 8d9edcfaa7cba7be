/** Powers and roots around brackets: whose power it is, and brackets that LaTeX writes as braces. */

const POWERED = /\\(?:log|ln|lg|exp|a?(?:rc)?(?:sin|cos|tan)h?|cot|sec|csc|operatorname\{\w+\})\s*(\{\s*\(|\()/g

/** `\log{(x)}^2` is the square of the logarithm, as `\log^2{(x)}`: only without brackets does the power go to the x. */
export function powersOfFunctions(text: string): string {
  if (!text.includes('^') || !text.includes(')') || !/\)\s*\}?\s*\^/.test(text)) return text
  let result = text
  for (const match of [...text.matchAll(POWERED)].toReversed()) {
    const start = match.index + match[0].length - (match[1]?.length ?? 1)
    const inner = closingParenthesis(result, match.index + match[0].length)
    if (inner === undefined) continue
    const end = match[1]?.startsWith('{') ? result.indexOf('}', inner) : inner
    const [written, braced, bracketed, single] =
      /^\s*\^\s*(?:\{([^{}]*)\}|\(([^()]*)\)|(\w))/.exec(result.slice(end + 1)) ?? []
    const power = braced ?? bracketed ?? single
    if (end < 0 || written === undefined || power === undefined || result.slice(inner + 1, end).trim() !== '') continue
    const behind = result.slice(end + 1 + written.length)
    // `\sin^{-1}(x)` would be the inverse function.
    const powered = /^\s*-\s*1\s*$/.test(power)
      ? `${result.slice(0, match.index)}(${result.slice(match.index, end + 1)})^{-1}`
      : `${result.slice(0, start)}^{${power}}${result.slice(start, end + 1)}`
    result = powered + behind
  }
  return result
}

/** Replaces a parenthesis after a word by braces, with its closing one. */
export function balanced(text: string, opening: RegExp, replacement: string): string {
  let result = text
  for (let round = 0; round < 16; round++) {
    opening.lastIndex = 0
    const match = opening.exec(result)
    if (!match) return result
    const start = match.index + match[0].length
    const end = closingParenthesis(result, start)
    if (end === undefined) return result
    result = `${result.slice(0, match.index)}${replacement}${result.slice(start, end)}}${result.slice(end + 1)}`
  }
  return result
}

function closingParenthesis(text: string, from: number): number | undefined {
  let open = 1
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '(') open++
    else if (character === ')' && --open === 0) return at
  }
  return undefined
}

/** `x^(1/2)` to `x^{1/2}`, everywhere. */
export function bracePowers(text: string): string {
  return balanced(text, /\^\(/g, '^{')
}

/** PURE: the content of the last \boxed{} of a worked solution, as MATH marks its answers. */

const BOX = /\\(?:boxed|fbox)\s*/g

/** Undefined where there is no box, or the last one is not closed. `\boxed 5` holds the next sign or word. */
export function lastBoxed(solution: string): string | undefined {
  const last = [...solution.matchAll(BOX)].at(-1)
  if (last === undefined) return undefined
  const start = last.index + last[0].length
  if (solution[start] !== '{') return /^[^\s$\\{}]+|^\\[a-zA-Z]+/.exec(solution.slice(start))?.[0]
  let depth = 0
  for (let at = start; at < solution.length; at++) {
    if (solution[at] === '\\') at++
    else if (solution[at] === '{') depth++
    else if (solution[at] === '}' && --depth === 0) return solution.slice(start + 1, at).trim() || undefined
  }
  return undefined
}

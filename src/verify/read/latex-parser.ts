/** The LaTeX parser of compute-engine, loaded at the first use: raw MathJSON only, never its canonical form or evaluation. */

import { createRequire } from 'node:module'
import type { LatexSyntax } from '@cortex-js/compute-engine/latex-syntax'

let parser: LatexSyntax | undefined

/**
 * The raw MathJSON of one formula; undefined where it is not a formula to the parser, or where it gives up.
 * The entry `latex-syntax` is the parser without the engine: 0.1 s and 15 MB to load instead of 0.45 s and 108 MB.
 */
export function parseLatex(latex: string): unknown {
  try {
    return loadParser().parse(latex) ?? undefined
  } catch {
    // The parser is recursive and not ours: whatever it throws on means that the text was not read.
    return undefined
  }
}

/** Loads the parser, where it is not there yet: at the first formula, so that no later answer waits for it. */
export function loadParser(): LatexSyntax {
  parser ??= createParser()
  return parser
}

// A synchronous load, so that judging stays synchronous and the cheap rungs never pay for it.
function createParser(): LatexSyntax {
  const require = createRequire(import.meta.url)
  const {
    LatexSyntax: Syntax,
  }: typeof import('@cortex-js/compute-engine/latex-syntax') = require('@cortex-js/compute-engine/latex-syntax')
  const syntax = new Syntax()
  // Its dictionary is put in order at the first formula.
  syntax.parse('x')
  return syntax
}

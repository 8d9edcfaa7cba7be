/** Mechanical rewrites of a gold answer that mean the same. */

/** Other spellings of fractions and brackets, dollars, a full stop, a sentence with a box. */
export function rewritesOf(gold: string): string[] {
  const rewrites: string[] = []
  const bare = gold.replace(/^\$|\$$/g, '')
  if (/\\frac\{\d\}\{\d\}/.test(gold)) rewrites.push(gold.replace(/\\frac\{(\d)\}\{(\d)\}/g, '\\frac$1$2'))
  if (gold.includes('\\frac')) rewrites.push(gold.replaceAll('\\frac', '\\dfrac'))
  const fraction = /^\$?\\frac\{(\d+)\}\{(2|4|5|8|10|20|25)\}\$?$/.exec(gold)
  if (fraction) rewrites.push(String(Number(fraction[1]) / Number(fraction[2])))
  if (/[()]/.test(gold) && !gold.includes('\\left')) {
    rewrites.push(gold.replaceAll('(', '\\left(').replaceAll(')', '\\right)'))
  }
  if (!gold.includes('$')) rewrites.push(`$${gold}$.`)
  rewrites.push(`${gold}.`, `So the answer is $\\boxed{${bare}}$.`)
  return rewrites
}

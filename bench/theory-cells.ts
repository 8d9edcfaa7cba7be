/** Cells of the Gaussian model's tables next to ours, and how far they are apart. */

/** A cell as printed: the digits are the precision. */
export type Printed = string
/** What all cells came to. */
export const counts = { worst: 0, lastDigits: 0, differing: 0 }

/** One line: the tabled number, ours, and how they differ. */
export function compare(where: string, printed: Printed, ours: number): void {
  const value = Number(printed)
  const [mantissa = '', exponent = '0'] = printed.split('e')
  const unit = 10 ** (Number(exponent) - (mantissa.split('.')[1]?.length ?? 0))
  const off = Math.abs(ours - value) / unit
  const relative = ours / value - 1
  counts.worst = Math.max(counts.worst, Math.abs(relative))
  const mark = off > 1 ? 'DIFFERS' : off > 0.5 ? 'last digit' : ''
  if (mark === 'last digit') counts.lastDigits++
  if (mark === 'DIFFERS') counts.differing++
  line(where, printed, String(Number(ours.toPrecision(8))), `${(100 * relative).toFixed(3)}%`, mark)
}

/** A cell without a number. */
export function agree(where: string, printed: Printed, ours: string): void {
  const differs = printed !== ours
  if (differs) counts.differing++
  line(where, printed, ours, '', differs ? 'DIFFERS' : '')
}

function line(where: string, printed: string, ours: string, difference: string, mark: string): void {
  console.log(
    `${where.padEnd(36)}${printed.padStart(12)}${ours.padStart(15)}${difference.padStart(10)}  ${mark}`.trimEnd(),
  )
}

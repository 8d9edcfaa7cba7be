/** Numbers as people read them: thousands separators, percentages with one decimal, and a dash for what is not there. */

import { plural } from '../core/words/plural.ts'

/** What stands for an unknown or unbounded number. */
export const NOTHING = '–'

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const TENTHS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

type Maybe = number | null | undefined

/** `12,345`; fractions only below 100, where they matter. */
export function count(value: Maybe): string {
  if (!isNumber(value)) return NOTHING
  return (Math.abs(value) < 100 ? TENTHS : WHOLE).format(value + 0)
}

/** A cost, whatever its unit: `12.35`, `12,345`, `5.1e18`. */
export function amount(value: Maybe): string {
  if (!isNumber(value)) return NOTHING
  const size = Math.abs(value)
  if (size >= 1e9 || (size > 0 && size < 0.01))
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  if (size >= 100) return WHOLE.format(value)
  return String(Number(size < 1 ? value.toPrecision(3) : value.toFixed(2)))
}

/** 12,300 as `12.3k`, for axes and narrow places. */
export function shortCount(value: Maybe): string {
  if (!isNumber(value)) return NOTHING
  const size = Math.abs(value)
  for (const [limit, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= limit) return `${trimmed(value / limit)}${unit}`
  }
  return trimmed(value)
}

function trimmed(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(0)
}

/** A share in [0, 1] as `45.7%`. */
export function percent(share: Maybe): string {
  return isNumber(share) ? `${tenths(100 * share)}%` : NOTHING
}

/** A difference of shares as `+16.2`, in points. */
export function points(difference: Maybe, minus = '−'): string {
  if (!isNumber(difference)) return NOTHING
  const text = tenths(100 * difference)
  if (text.startsWith('-')) return minus + text.slice(1)
  return text === '0.0' ? text : `+${text}`
}

/** One decimal, and no negative zero. */
function tenths(value: number): string {
  const text = value.toFixed(1)
  return text === '-0.0' ? '0.0' : text
}

/** Seconds as `0.4 s`, `42 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function duration(seconds: Maybe): string {
  if (!isNumber(seconds) || seconds < 0) return NOTHING
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** An estimate: `about 6 s`, `about 3 min 05 s`, never finer than a second. */
export function about(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  return `about ${whole < 60 ? `${whole} s` : duration(whole)}`
}

/** Small numbers such as learning rates and losses, at most 4 digits. */
export function significant(value: Maybe): string {
  if (!isNumber(value)) return NOTHING
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6))
    return value.toExponential(2).replace(/\.?0+e/, 'e')
  return String(Number(value.toPrecision(4)))
}

/** True for a number that can be shown. */
export function isNumber(value: Maybe): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

/** `1 trace`, `2 traces`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${plural(value, one, many)}`
}

/** Times of day: `8:34 p.m.`, `20:34`, `4:51:06 PM`. */

import type { Tree } from '../tree.ts'

const CLOCK = /^(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?\s*([ap])?\.?\s*(?:m\.?)?\s*$/i
const MAY_BE_CLOCK = /^[^\d]{0,12}\d{1,2}[^\d]{0,24}(?::|[ap])/i
const HOUR = /^(\d{1,2})\s*([ap])\.?\s*m\.?$/i

/** Undefined where the text is not a time of day; `5:45` may also be a ratio, which the other side decides. */
export function clockFrom(tidied: string): Tree | undefined {
  if (!MAY_BE_CLOCK.test(tidied)) return undefined
  const text = tidied
    .replace(/[\ue000\ue001{}]/g, ' ')
    .replace(/\\cdot/g, '')
    .trim()
  const match = CLOCK.exec(text)
  const hourOnly = match ? undefined : HOUR.exec(text)
  const hours = Number(match?.[1] ?? hourOnly?.[1] ?? Number.NaN)
  const minutes = Number(match?.[2] ?? 0)
  const seconds = Number(match?.[3] ?? 0)
  const letter = (match?.[4] ?? hourOnly?.[2])?.toLowerCase()
  if (Number.isNaN(hours) || hours > 24 || minutes > 59 || seconds > 59) return undefined
  if (letter !== undefined && (hours > 12 || hours === 0)) return undefined
  const half = letter === 'a' ? 'am' : letter === 'p' ? 'pm' : undefined
  const onDial = half === undefined ? hours : (hours % 12) + (half === 'pm' ? 12 : 0)
  return { kind: 'clock', seconds: onDial * 3600 + minutes * 60 + seconds, half }
}

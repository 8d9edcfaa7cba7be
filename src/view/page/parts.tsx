/** Small parts that several pages share. */

import type { ComponentChildren, JSX } from 'preact'
import type { VerdictKind } from '../../core/verdict.ts'
import type { Loaded } from './fetch.ts'

interface Sign {
  readonly sign: string
  readonly tone: string
}

/** A sign next to the colour, so that neither is needed alone. */
const SIGNS: Readonly<Record<VerdictKind | 'none' | 'failed' | 'cut', Sign>> = {
  correct: { sign: '✓', tone: 'good' },
  incorrect: { sign: '✗', tone: 'bad' },
  'no-answer': { sign: '∅', tone: 'mute' },
  unparsed: { sign: '?', tone: 'warn' },
  undecided: { sign: '≈', tone: 'blue' },
  timeout: { sign: '◷', tone: 'warn' },
  'too-large': { sign: '▣', tone: 'warn' },
  none: { sign: '…', tone: 'mute' },
  failed: { sign: '⚠', tone: 'mute' },
  cut: { sign: '✂', tone: 'warn' },
}

export function signOf(verdict: VerdictKind | null, finishReason = 'stop'): Sign & { readonly name: string } {
  if (finishReason === 'failed') return { ...SIGNS.failed, name: 'failed' }
  if (verdict === null) return { ...SIGNS.none, name: 'not verified' }
  if (finishReason === 'length') return { ...SIGNS.cut, name: `cut off (${verdict})` }
  return { ...SIGNS[verdict], name: verdict }
}

export function VerdictTag({
  verdict,
  finishReason,
  large = false,
}: {
  readonly verdict: VerdictKind | null
  readonly finishReason?: string
  readonly large?: boolean
}): JSX.Element {
  const { sign, tone, name } = signOf(verdict, finishReason)
  return (
    <span class={`tag ${tone}${large ? ' large' : ''}`}>
      <b aria-hidden="true">{sign}</b> {name}
    </span>
  )
}

/** What is there of an answer: the answer, its error, or that it is on its way. */
export function Shown<T>({
  of,
  children,
}: {
  readonly of: Loaded<T>
  readonly children: (value: T) => ComponentChildren
}): JSX.Element {
  return (
    <>
      {of.error !== undefined && (
        <p class="trouble" role="alert">
          {of.error}
        </p>
      )}
      {of.value !== undefined
        ? children(of.value)
        : of.error === undefined && (
            <p class="loading" aria-busy="true">
              Reading…
            </p>
          )}
    </>
  )
}

export function Facts({
  rows,
}: {
  readonly rows: readonly (readonly [name: string, value: ComponentChildren])[]
}): JSX.Element {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

/** A share as a bar with its figure. */
export function Share({ of, width = 90 }: { readonly of: number | null; readonly width?: number }): JSX.Element {
  if (of === null) return <span class="quiet">–</span>
  return (
    <span class="share">
      <svg width={width} height="8" aria-hidden="true">
        <rect class="rail" width={width} height="8" rx="4" />
        <rect class="fill" width={Math.max(0, Math.min(1, of)) * width} height="8" rx="4" />
      </svg>
      {(100 * of).toFixed(of === 0 || of === 1 ? 0 : 1)}%
    </span>
  )
}

/** `base`, or the number; nothing for what was generated elsewhere. */
export function iterationName(iteration: number): string {
  if (iteration < -1) return ''
  return iteration < 0 ? 'base' : String(iteration)
}

/** A wire time as people read it, with the whole of it on hover. */
export function Time({ at }: { readonly at: string }): JSX.Element {
  const date = new Date(at)
  const isToday = new Date().toDateString() === date.toDateString()
  const text = isToday
    ? date.toLocaleTimeString()
    : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <time dateTime={at} title={at}>
      {text}
    </time>
  )
}

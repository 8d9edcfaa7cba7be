/** Model text with its formulas set, hidden characters shown, and one place marked; or just as it was written. */

import katex from 'katex'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { KATEX_OPTIONS } from '../../report/math/options.ts'
import { type Segment, segmentsOf } from '../../report/math/segments.ts'
import { visible } from '../../report/visible.ts'

export type Mark = readonly [from: number, to: number] | null

interface RichTextProps {
  readonly text: string
  /** As written: no formula is set. */
  readonly raw?: boolean
  readonly mark?: Mark
}

export function RichText({ text, raw = false, mark = null }: RichTextProps): JSX.Element {
  const segments = useMemo<readonly Segment[]>(
    () => (raw ? [{ kind: 'text', text, at: 0 }] : segmentsOf(text)),
    [text, raw],
  )
  return (
    <>
      {segments.map((segment) =>
        segment.kind === 'math' ? (
          <Formula
            key={`${segment.at} ${segment.source}`}
            {...segment}
            isMarked={overlaps(segment.at, segment.source.length, mark)}
          />
        ) : (
          <Plain key={segment.at} text={segment.text} at={segment.at} mark={mark} />
        ),
      )}
    </>
  )
}

function Plain({ text, at, mark }: { readonly text: string; readonly at: number; readonly mark: Mark }): JSX.Element {
  if (!mark || !overlaps(at, text.length, mark)) return <>{visible(text)}</>
  const [from, to] = [Math.max(0, mark[0] - at), Math.min(text.length, mark[1] - at)]
  return (
    <>
      {visible(text.slice(0, from))}
      <mark>{visible(text.slice(from, to))}</mark>
      {visible(text.slice(to))}
    </>
  )
}

interface FormulaProps {
  readonly tex: string
  readonly display: boolean
  readonly source: string
  readonly isMarked: boolean
}

/** A formula that cannot be set stays as it was written. */
function Formula({ tex, display, source, isMarked }: FormulaProps): JSX.Element {
  const place = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    const element = place.current
    if (!element) return
    try {
      // Into the document, not through markup: the policy of the page allows no style in markup.
      katex.render(visible(tex), element, { ...KATEX_OPTIONS, macros: {}, displayMode: display })
    } catch {
      element.textContent = visible(source)
    }
  }, [tex, display, source])
  return (
    <span class={`formula${display ? ' display' : ''}${isMarked ? ' marked' : ''}`} title={visible(source)} ref={place}>
      {visible(source)}
    </span>
  )
}

function overlaps(at: number, length: number, mark: Mark): boolean {
  return mark !== null && mark[0] < at + length && mark[1] > at
}

/** A long list of which only what is in sight is in the document. */

import { useSignal } from '@preact/signals'
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'

interface VirtualListProps {
  readonly count: number
  /** Pixels of a row; all are equally high. */
  readonly rowHeight: number
  readonly label: string
  /** Row that is kept in sight; -1 for none. */
  readonly chosen: number
  readonly startAt: number
  readonly row: (index: number) => JSX.Element
  /** The last row that is drawn, whenever it changes. */
  readonly onReach: (index: number) => void
  readonly onScroll: (offset: number) => void
}

export function VirtualList(props: VirtualListProps): JSX.Element {
  const { count, rowHeight, label, chosen, startAt, row, onReach, onScroll } = props
  const box = useRef<HTMLDivElement>(null)
  const drawn = useSignal(0)
  const virtualizer = useMemo(
    () =>
      new Virtualizer<HTMLDivElement, Element>({
        count,
        getScrollElement: () => box.current,
        estimateSize: () => rowHeight,
        overscan: 10,
        initialOffset: startAt,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        onChange: (instance) => {
          drawn.value++
          onScroll(instance.scrollOffset ?? 0)
        },
      }),
    [],
  )
  virtualizer.setOptions({
    ...virtualizer.options,
    count,
    onChange: (instance) => {
      drawn.value++
      onScroll(instance.scrollOffset ?? 0)
    },
  })
  useLayoutEffect(() => {
    const stop = virtualizer._didMount()
    if (box.current) box.current.scrollTop = startAt
    return stop
  }, [])
  useLayoutEffect(() => virtualizer._willUpdate())
  useEffect(() => {
    if (chosen >= 0) virtualizer.scrollToIndex(chosen, { align: 'auto' })
  }, [chosen])
  // Read, so that a scroll draws again.
  void drawn.value
  const items: readonly VirtualItem[] = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (last >= 0) onReach(last)
  }, [last, count])
  return (
    <div class="scroller" ref={box} tabIndex={0} role="region" aria-label={label}>
      <div class="tall" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {items.map((item) => (
          <div
            class="slot"
            key={item.index}
            style={{ transform: `translateY(${item.start}px)`, height: `${rowHeight}px` }}
          >
            {row(item.index)}
          </div>
        ))}
      </div>
    </div>
  )
}

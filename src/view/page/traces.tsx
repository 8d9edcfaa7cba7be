/** The traces of a run: filters with counts, a search, an order, and a list that continues for a million. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { count } from '../../report/format.ts'
import { visibleLine } from '../../report/visible.ts'
import type { FacetCounts, Sort, TraceQuery, TraceRow } from '../wire.ts'
import { addressOf, askOf, go, listOf, parameters, runPath, withParameters } from './address.ts'
import { Facets } from './facets.tsx'
import { useAnswer } from './fetch.ts'
import { beat } from './live.ts'
import { iterationName, signOf } from './parts.tsx'
import { RichText } from './rich-text.tsx'
import { chosen, list, readAgain, readMore, scrolledTo, showList } from './trace-list.ts'
import { useKeys } from './use-keys.ts'
import { VirtualList } from './virtual-list.tsx'

const ROW_HEIGHT = 62
const TYPING_MS = 180
/** While a search is still being counted, it is asked again. */
const COUNTING_MS = 120

const SORT_NAMES: Readonly<Record<Sort, string>> = {
  oldest: 'oldest first',
  newest: 'newest first',
  longest: 'longest first',
  shortest: 'shortest first',
}

export function Traces({ run }: { readonly run: string }): JSX.Element {
  const query = listOf(parameters.value)
  const asked = askOf(query)
  const base = `/api/runs/${encodeURIComponent(run)}`
  const recount = useSignal(0)
  const counts = useAnswer<FacetCounts>(`${base}/facets?${asked}`, beat.value + recount.value)
  const search = useRef<HTMLInputElement>(null)
  const isFilterOpen = useSignal(false)
  const seen = useRef(0)

  useEffect(() => showList(run, query), [run, asked])
  useEffect(() => {
    const value = counts.value.value
    if (!value || value.complete) return
    const timer = setTimeout(() => recount.value++, COUNTING_MS)
    return () => clearTimeout(timer)
  }, [counts.value])

  const { rows, next, error, isLoading } = list.value
  const total = counts.value.value?.total
  // A list that is being written is read again from its beginning while that is what one looks at.
  useEffect(() => {
    if (total === undefined || total === seen.current) return
    const isAtBeginning = scrolledTo.offset < ROW_HEIGHT && chosen.peek() < 1
    if (seen.current > 0 && isAtBeginning && (query.sort === 'newest' || rows.length < 100)) readAgain()
    seen.current = total
  }, [total])

  const change = (changed: TraceQuery): void =>
    go(withParameters(runPath(run, '/traces'), addressOf(changed)), { replace: true })
  const addressOfRow = (row: TraceRow): string => withParameters(runPath(run, `/t/${row.id}`), addressOf(query))
  const step = (by: number): void => {
    chosen.value = Math.max(0, Math.min(rows.length - 1, chosen.value + by))
  }
  useKeys(
    {
      j: () => step(1),
      k: () => step(-1),
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      Enter: () => {
        const row = rows[chosen.value]
        if (row) go(addressOfRow(row))
      },
      '/': () => search.current?.focus(),
      f: () => {
        isFilterOpen.value = !isFilterOpen.value
        if (isFilterOpen.value) document.querySelector<HTMLElement>('.facets input')?.focus()
      },
      Escape: () => {
        if (isFilterOpen.value) isFilterOpen.value = false
        else go(runPath(run))
      },
    },
    [
      { keys: 'j k', does: 'next, previous trace' },
      { keys: 'Enter', does: 'open it' },
      { keys: '/', does: 'search' },
      { keys: 'f', does: 'filters' },
    ],
  )
  const isFiltered = asked !== '' && asked !== `sort=${query.sort}`
  return (
    <main class={`traces${isFilterOpen.value ? ' filters-open' : ''}`}>
      <h1 class="unseen">Traces of {run}</h1>
      <aside aria-label="Filters">
        <Facets query={query} counts={counts.value.value} onChange={change} />
      </aside>
      <section class="listing" aria-label="Traces">
        <div class="bar">
          <SearchField
            key={query.q ?? ''}
            field={search}
            value={query.q ?? ''}
            onSearch={(q) => change({ ...query, q })}
          />
          <button
            type="button"
            class="filter-button"
            aria-expanded={isFilterOpen.value}
            onClick={() => {
              isFilterOpen.value = !isFilterOpen.value
            }}
          >
            Filters
          </button>
          <select
            aria-label="Order"
            value={query.sort}
            onChange={(event) => change({ ...query, sort: event.currentTarget.value as Sort })}
          >
            {Object.entries(SORT_NAMES).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          <Total counts={counts.value.value} />
          {isFiltered && (
            <button type="button" class="plain" onClick={() => change({ facets: {}, sort: query.sort })}>
              clear all
            </button>
          )}
        </div>
        {query.problem && (
          <p class="chip-line">
            <button type="button" class="chip" onClick={() => change({ ...query, problem: undefined })}>
              problem {query.problem} ×
            </button>
          </p>
        )}
        <IndexNote counts={counts.value.value} isSearching={query.q !== undefined} />
        {error !== undefined && (
          <p class="trouble" role="alert">
            {error}
          </p>
        )}
        {counts.value.error !== undefined && counts.value.error !== error && (
          <p class="trouble" role="alert">
            The counts of the filters cannot be read: {counts.value.error}
          </p>
        )}
        {rows.length === 0 && !isLoading ? (
          error === undefined && (
            <p class="quiet empty">No trace fits. {isFiltered && 'Clear a filter, or search for fewer words.'}</p>
          )
        ) : (
          <VirtualList
            key={list.value.key}
            count={rows.length + (next === null ? 0 : 1)}
            rowHeight={ROW_HEIGHT}
            label={`Traces, ${count(total)} in all`}
            chosen={chosen.value}
            startAt={scrolledTo.offset}
            onReach={(last) => {
              if (last >= rows.length - 20) readMore()
            }}
            onScroll={(offset) => {
              scrolledTo.offset = offset
            }}
            row={(index) => {
              const row = rows[index]
              return row ? (
                <Row row={row} isChosen={index === chosen.value} address={addressOfRow(row)} />
              ) : (
                <p class="quiet row">Reading…</p>
              )
            }}
          />
        )}
      </section>
    </main>
  )
}

function Row({
  row,
  isChosen,
  address,
}: {
  readonly row: TraceRow
  readonly isChosen: boolean
  readonly address: string
}): JSX.Element {
  const { sign, tone, name } = signOf(row.verdict, row.finishReason)
  return (
    <a class={`row ${tone}${isChosen ? ' chosen' : ''}`} href={address}>
      <span class={`sign ${tone}`} title={name} role="img" aria-label={name}>
        {sign}
      </span>
      <span class="middle">
        <bdi class="question">{visibleLine(row.question)}</bdi>
        <span class="where">
          <bdi>{visibleLine(row.problem)}</bdi> #{row.index} · {row.purpose} {iterationName(row.iteration)}
          {row.level !== null && <> · {visibleLine(row.level)}</>}
          {row.disposition !== null && <> · {row.disposition}</>}
          {row.label !== null && <span class={`label-tag ${row.label}`}>{row.label}</span>}
        </span>
      </span>
      <span class="answers">
        <span class="answer" title="extracted">
          {row.extracted === null ? <i>none</i> : <RichText text={answerText(row.extracted)} />}
        </span>
        <span class="gold" title="gold answer">
          {row.verdict === 'correct' ? '=' : '≠'} <RichText text={answerText(row.gold)} />
        </span>
      </span>
      <span class="rule">
        {row.rule ?? ''}
        <small>{count(row.tokens)} tokens</small>
      </span>
    </a>
  )
}

/** An answer on one line; as a formula where it is written as one. */
function answerText(text: string): string {
  const line = visibleLine(text)
  return /\\[a-z]+/i.test(line) && !line.includes('$') && line.length < 120 ? `\\(${line}\\)` : line
}

function SearchField({
  field,
  value,
  onSearch,
}: {
  readonly field: { current: HTMLInputElement | null }
  readonly value: string
  readonly onSearch: (words: string | undefined) => void
}): JSX.Element {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hadFocus = useRef(document.activeElement?.id === 'search')
  useEffect(() => {
    // The field is a new one when the address changed: whoever is writing continues writing.
    if (hadFocus.current && field.current) {
      field.current.focus()
      field.current.setSelectionRange(value.length, value.length)
    }
  }, [])
  return (
    <input
      id="search"
      ref={field}
      type="search"
      defaultValue={value}
      placeholder={'Search completions: words, "a phrase", begin*'}
      aria-label="Search completions"
      spellcheck={false}
      onInput={(event) => {
        const words = event.currentTarget.value
        clearTimeout(timer.current)
        timer.current = setTimeout(() => onSearch(words.trim() === '' ? undefined : words), TYPING_MS)
      }}
    />
  )
}

function Total({ counts }: { readonly counts: FacetCounts | undefined }): JSX.Element {
  if (!counts) return <output class="total">…</output>
  return (
    <output class="total">
      <b>
        {count(counts.total)}
        {counts.complete ? '' : '+'}
      </b>{' '}
      of {count(counts.of)}
    </output>
  )
}

function IndexNote({
  counts,
  isSearching,
}: {
  readonly counts: FacetCounts | undefined
  readonly isSearching: boolean
}): JSX.Element | null {
  if (!counts) return null
  const { rows, text } = counts.index
  if (rows < 1)
    return <p class="note small">Reading the run: {Math.floor(100 * rows)}%. Filters show what is read so far.</p>
  if (!isSearching || text === 1) return null
  if (text === null) return <p class="note small">There is no full-text index; the search finds nothing here.</p>
  return <p class="note small">Indexing texts: {Math.floor(100 * text)}%. The search finds what is indexed so far.</p>
}

/** Filters with counts: what each value would give under the other filters. */

import type { JSX } from 'preact'
import { count } from '../../report/format.ts'
import type { FacetCount, FacetCounts, FacetName, TraceQuery } from '../wire.ts'

const TITLES: readonly { readonly name: FacetName; readonly title: string }[] = [
  { name: 'verdict', title: 'Verdict' },
  { name: 'purpose', title: 'Drawn for' },
  { name: 'iteration', title: 'Iteration' },
  { name: 'disposition', title: 'What became of it' },
  { name: 'level', title: 'Level' },
  { name: 'source', title: 'Source' },
  { name: 'rule', title: 'Rule' },
  { name: 'finish', title: 'How it ended' },
  { name: 'label', title: 'Label' },
]

/** Values of one facet that are listed before the rest is folded up. */
const SHOWN = 8

interface FacetsProps {
  readonly query: TraceQuery
  readonly counts: FacetCounts | undefined
  readonly onChange: (query: TraceQuery) => void
}

export function Facets({ query, counts, onChange }: FacetsProps): JSX.Element {
  return (
    <div class="facets">
      {TITLES.map(({ name, title }) => {
        const values = counts?.facets[name] ?? []
        const chosen = query.facets[name] ?? []
        // A facet that tells nothing apart is not worth its place.
        if (values.length < 2 && chosen.length === 0) return null
        return (
          <Facet
            key={name}
            title={title}
            name={name}
            values={withChosen(inOrder(name, values), chosen)}
            chosen={chosen}
            onToggle={(value) => onChange(toggled(query, name, value))}
            onClear={() => onChange({ ...query, facets: { ...query.facets, [name]: [] } })}
          />
        )
      })}
    </div>
  )
}

interface FacetProps {
  readonly name: FacetName
  readonly title: string
  readonly values: readonly FacetCount[]
  readonly chosen: readonly string[]
  readonly onToggle: (value: string) => void
  readonly onClear: () => void
}

function Facet({ name, title, values, chosen, onToggle, onClear }: FacetProps): JSX.Element {
  const most = Math.max(1, ...values.map((each) => each.count))
  const row = (each: FacetCount): JSX.Element => (
    <li key={each.value}>
      <label class={chosen.includes(each.value) ? 'on' : ''}>
        <input type="checkbox" checked={chosen.includes(each.value)} onChange={() => onToggle(each.value)} />
        <span class="value">{valueName(name, each.value)}</span>
        <span class="count">{count(each.count)}</span>
        <svg class="meter" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 2">
          <rect width={(100 * each.count) / most} height="2" />
        </svg>
      </label>
    </li>
  )
  return (
    <fieldset>
      <legend>
        {title}
        {chosen.length > 0 && (
          <button type="button" class="plain" onClick={onClear} aria-label={`Clear ${title}`}>
            clear
          </button>
        )}
      </legend>
      <ul>{values.slice(0, SHOWN).map(row)}</ul>
      {values.length > SHOWN && (
        <details>
          <summary>{values.length - SHOWN} more</summary>
          <ul>{values.slice(SHOWN).map(row)}</ul>
        </details>
      )}
    </fieldset>
  )
}

function toggled(query: TraceQuery, name: FacetName, value: string): TraceQuery {
  const chosen = query.facets[name] ?? []
  const next = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]
  return { ...query, facets: { ...query.facets, [name]: next } }
}

/** What was chosen stays in sight, even where nothing is left of it. */
function withChosen(values: readonly FacetCount[], chosen: readonly string[]): FacetCount[] {
  const missing = chosen.filter((value) => !values.some((each) => each.value === value))
  return [...values, ...missing.map((value) => ({ value, count: 0 }))]
}

/** Iterations and levels by their order, the others by how many there are. */
function inOrder(name: FacetName, values: readonly FacetCount[]): readonly FacetCount[] {
  if (name !== 'iteration' && name !== 'level') return values
  return values.toSorted((a, b) => a.value.localeCompare(b.value, 'en', { numeric: true }))
}

export function valueName(name: FacetName, value: string): string {
  if (name === 'iteration') return value === '-1' ? 'base' : value
  if (value !== 'none') return value
  return { verdict: 'not verified', disposition: 'not settled', label: 'no label' }[name as string] ?? 'none'
}

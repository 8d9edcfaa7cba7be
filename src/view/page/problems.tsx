/** The problems that were asked, the hardest first: which are never solved, which changed. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { count } from '../../report/format.ts'
import { visibleLine } from '../../report/visible.ts'
import type { ProblemList, ProblemRow } from '../wire.ts'
import { go, parameters, problemPath, runPath, withParameters } from './address.ts'
import { useAnswer } from './fetch.ts'
import { beat } from './live.ts'
import { iterationName, Share, Shown } from './parts.tsx'
import { useKeys } from './use-keys.ts'

const PAGE = 50
const SPLITS = [
  ['train', 'training samples'],
  ['evaluate', 'evaluation'],
  ['gate', 'gate'],
] as const
const SORTS = [
  ['hardest', 'hardest first'],
  ['easiest', 'easiest first'],
  ['changed', 'most changed first'],
  ['name', 'in order'],
] as const

export function Problems({ run }: { readonly run: string }): JSX.Element {
  const asked = new URLSearchParams(parameters.value)
  const offset = Number(asked.get('offset') ?? 0)
  const address = `/api/runs/${encodeURIComponent(run)}/problems?${asked}&limit=${PAGE}`
  const answer = useAnswer<ProblemList>(address, beat.value)
  const chosen = useSignal(-1)
  const rows = answer.value.value?.rows ?? []
  const change = (changes: Readonly<Record<string, string | undefined>>): void => {
    const next = new URLSearchParams(parameters.peek())
    next.delete('offset')
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') next.delete(name)
      else next.set(name, value)
    }
    go(withParameters(runPath(run, '/problems'), next.toString()), { replace: true })
  }
  const step = (by: number): void => {
    chosen.value = Math.max(0, Math.min(rows.length - 1, chosen.value + by))
  }
  useKeys(
    {
      j: () => step(1),
      k: () => step(-1),
      Enter: () => {
        const row = rows[chosen.value]
        if (row) go(problemPath(run, row.id))
      },
      '/': () => document.querySelector<HTMLElement>('#problem-search')?.focus(),
      Escape: () => go(runPath(run)),
    },
    [
      { keys: 'j k', does: 'next, previous problem' },
      { keys: 'Enter', does: 'open it' },
      { keys: '/', does: 'search by id' },
    ],
  )
  return (
    <main class="page">
      <h1>Problems</h1>
      <div class="bar">
        <input
          id="problem-search"
          type="search"
          placeholder="part of an id"
          aria-label="Search problems by id"
          defaultValue={asked.get('q') ?? ''}
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
        <Choice
          label="Measured on"
          name="split"
          value={asked.get('split') ?? 'train'}
          choices={SPLITS}
          onChange={change}
        />
        <Choice label="Order" name="sort" value={asked.get('sort') ?? 'hardest'} choices={SORTS} onChange={change} />
      </div>
      <Shown of={answer.value}>
        {(list) =>
          list.total === 0 ? (
            <p class="quiet">No problem fits.</p>
          ) : (
            <>
              <Table run={run} list={list} chosen={chosen.value} />
              <p class="pager">
                <button
                  type="button"
                  disabled={offset === 0}
                  onClick={() => change({ offset: String(Math.max(0, offset - PAGE)) })}
                >
                  ‹ before
                </button>
                {count(offset + 1)} to {count(offset + list.rows.length)} of {count(list.total)}
                <button
                  type="button"
                  disabled={offset + list.rows.length >= list.total}
                  onClick={() => change({ offset: String(offset + PAGE) })}
                >
                  next ›
                </button>
              </p>
            </>
          )
        }
      </Shown>
    </main>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly name: string
  readonly value: string
  readonly choices: readonly (readonly [string, string])[]
  readonly onChange: (changes: Readonly<Record<string, string>>) => void
}

function Choice({ label, name, value, choices, onChange }: ChoiceProps): JSX.Element {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange({ [name]: event.currentTarget.value })}>
      {choices.map(([key, text]) => (
        <option key={key} value={key}>
          {text}
        </option>
      ))}
    </select>
  )
}

function Table({
  run,
  list,
  chosen,
}: {
  readonly run: string
  readonly list: ProblemList
  readonly chosen: number
}): JSX.Element {
  const isPublished = list.rows.some(({ solveRate }) => solveRate !== null)
  return (
    <div class="wide-table" role="region" aria-label="Problems" tabIndex={0}>
      <table class="problems">
        <thead>
          <tr>
            <th scope="col">problem</th>
            <th scope="col">solved</th>
            <th scope="col" class="number">
              of
            </th>
            {isPublished && (
              <th scope="col" class="number" title="the solve rate that came with the problem">
                published
              </th>
            )}
            {list.iterations.map((iteration) => (
              <th scope="col" class="number" key={iteration}>
                {iterationName(iteration)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row, at) => (
            <Row key={row.id} run={run} row={row} isChosen={at === chosen} isPublished={isPublished} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({
  run,
  row,
  isChosen,
  isPublished,
}: {
  readonly run: string
  readonly row: ProblemRow
  readonly isChosen: boolean
  /** Whether the table has a column of published solve rates. */
  readonly isPublished: boolean
}): JSX.Element {
  return (
    <tr class={isChosen ? 'chosen' : ''}>
      <th scope="row">
        <a href={problemPath(run, row.id)}>
          <bdi class="question">{visibleLine(row.question)}</bdi>
        </a>
        <small>
          <bdi>{visibleLine(row.id)}</bdi>
          {row.level !== null && <> · {visibleLine(row.level)}</>}
        </small>
      </th>
      <td>
        <Share of={row.asked === 0 ? null : row.correct / row.asked} width={60} />
      </td>
      <td class="number">{count(row.asked)}</td>
      {isPublished && <td class="number">{row.solveRate === null ? '' : `${Math.round(100 * row.solveRate)}%`}</td>}
      {row.byIteration.map((rate, at) => (
        <td class="number" key={at}>
          {rate === null ? <span class="quiet">·</span> : <span class={heat(rate)}>{Math.round(100 * rate)}%</span>}
        </td>
      ))}
    </tr>
  )
}

function heat(rate: number): string {
  if (rate === 0) return 'heat none'
  if (rate === 1) return 'heat full'
  return rate < 0.5 ? 'heat low' : 'heat high'
}

/** Two checkpoints or runs, problem by problem: gained, lost, whether that is chance, and the answers side by side. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { count, percent, points, significant } from '../../report/format.ts'
import { visibleLine } from '../../report/visible.ts'
import type { DiffAnswer, DiffRow, Diff as DiffShape } from '../../run/diff.ts'
import type { MeasuredPoint, RunSummary } from '../wire.ts'
import { go, parameters, problemPath, runPath, withParameters } from './address.ts'
import { ask, useAnswer } from './fetch.ts'
import { beat } from './live.ts'
import { iterationName, Shown, signOf } from './parts.tsx'
import { useKeys } from './use-keys.ts'

const SHOWS = [
  ['gained', 'gained'],
  ['lost', 'lost'],
  ['differ', 'different answers'],
  ['both', 'both solve'],
  ['neither', 'neither solves'],
] as const
type Show = (typeof SHOWS)[number][0]

const FITS: Readonly<Record<Show, (row: DiffRow) => boolean>> = {
  gained: ({ a, b }) => !a.solved && b.solved,
  lost: ({ a, b }) => a.solved && !b.solved,
  differ: ({ a, b }) => a.extracted !== b.extracted,
  both: ({ a, b }) => a.solved && b.solved,
  neither: ({ a, b }) => !a.solved && !b.solved,
}

export function Diff({ run }: { readonly run: string | undefined }): JSX.Element {
  const known = useMeasured(run)
  const measured = known ?? []
  const asked = parameters.value
  const own = measured.filter((point) => run === undefined || point.run === run)
  const a = asked.get('a') ?? own[0]?.ref
  const b = asked.get('b') ?? own.at(-1)?.ref
  const purpose = asked.get('purpose') ?? ''
  const show = (asked.get('show') ?? 'gained') as Show
  const address =
    a === undefined || b === undefined
      ? undefined
      : `/api/diff?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}${purpose === '' ? '' : `&purpose=${purpose}`}`
  const answer = useAnswer<DiffShape>(address, beat.value)
  const base = run === undefined ? '/diff' : runPath(run, '/diff')
  const change = (changes: Readonly<Record<string, string | undefined>>): void => {
    const next = new URLSearchParams({
      ...(a ? { a } : {}),
      ...(b ? { b } : {}),
      ...(purpose ? { purpose } : {}),
      show,
    })
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    go(withParameters(base, next.toString()), { replace: true })
  }
  useKeys(
    {
      x: () => change({ a: b, b: a }),
      Escape: () => go(run === undefined ? '/' : runPath(run)),
    },
    [{ keys: 'x', does: 'swap the sides' }],
  )
  return (
    <main class="page">
      <h1>Diff</h1>
      <div class="bar">
        <Side label="A" value={a} points={measured} onChange={(value) => change({ a: value })} />
        <button type="button" title="x" onClick={() => change({ a: b, b: a })} aria-label="Swap A and B">
          ⇄
        </button>
        <Side label="B" value={b} points={measured} onChange={(value) => change({ b: value })} />
        <select
          aria-label="Measured by"
          value={purpose}
          onChange={(event) => change({ purpose: event.currentTarget.value })}
        >
          <option value="">greedy, else samples</option>
          <option value="greedy">greedy</option>
          <option value="evaluate">samples</option>
          <option value="gate">gate</option>
        </select>
      </div>
      {address === undefined ? (
        known === undefined ? (
          <p class="loading" aria-busy="true">
            Reading…
          </p>
        ) : (
          <p class="quiet">No checkpoint has been measured yet.</p>
        )
      ) : (
        <Shown of={answer.value}>
          {(diff) => (
            <Compared
              diff={diff}
              show={show}
              runs={runsOf(a ?? '', b ?? '')}
              onShow={(next) => change({ show: next })}
            />
          )}
        </Shown>
      )}
    </main>
  )
}

/** Measured checkpoints of all runs, those of the one in sight first; undefined while they are read. */
function useMeasured(run: string | undefined): readonly MeasuredPoint[] | undefined {
  const found = useSignal<readonly MeasuredPoint[] | undefined>(undefined)
  useEffect(() => {
    const control = new AbortController()
    const read = async (): Promise<void> => {
      const runs = await ask<readonly RunSummary[]>('/api/runs', control.signal)
      const names = runs.map(({ name }) => name).sort((x, y) => Number(y === run) - Number(x === run))
      const lists = await Promise.all(
        names.map((name) =>
          ask<readonly MeasuredPoint[]>(`/api/runs/${encodeURIComponent(name)}/measured`, control.signal).catch(
            () => [],
          ),
        ),
      )
      found.value = lists.flat()
    }
    read().catch(() => {
      if (!control.signal.aborted) found.value = found.peek() ?? []
    })
    return () => control.abort()
  }, [run])
  return found.value
}

function runsOf(a: string, b: string): { readonly a: string; readonly b: string } {
  return { a: a.replace(/@[^@]*$/, ''), b: b.replace(/@[^@]*$/, '') }
}

interface SideProps {
  readonly label: string
  readonly value: string | undefined
  readonly points: readonly MeasuredPoint[]
  readonly onChange: (ref: string) => void
}

function Side({ label, value, points: measured, onChange }: SideProps): JSX.Element {
  const byRun = [...Map.groupBy(measured, (point) => point.run)]
  return (
    <label class="side">
      <b>{label}</b>
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {byRun.map(([name, list]) => (
          <optgroup label={name} key={name}>
            {list.map((point) => (
              <option key={point.ref} value={point.ref}>
                {name} {point.iteration < 0 ? 'base' : `iteration ${point.iteration}`}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}

interface ComparedProps {
  readonly diff: DiffShape
  readonly show: Show
  /** Names of the runs in addresses. */
  readonly runs: { readonly a: string; readonly b: string }
  readonly onShow: (show: Show) => void
}

function Compared({ diff, show, runs, onShow }: ComparedProps): JSX.Element {
  const { a, b, gained, lost, p, table, rows, unpaired } = diff
  const shown = rows.filter(FITS[show] ?? FITS.gained)
  return (
    <>
      <p class="lead">
        {percent(a.accuracy)} → {percent(b.accuracy)} <b>({points(b.accuracy - a.accuracy)} points)</b> on{' '}
        {count(rows.length)} problems, {diff.purpose}. B solves <b class="good">{count(gained)}</b> that A does not and
        loses <b class="bad">{count(lost)}</b>; McNemar's exact p = {significant(p)}
        {p >= 0.05 && gained + lost > 0 && ', which chance alone often gives'}.
      </p>
      <table class="two-by-two">
        <thead>
          <tr>
            <td />
            <th scope="col">B solves</th>
            <th scope="col">B does not</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">A solves</th>
            <td>{count(table[0][0])}</td>
            <td class="bad">{count(table[0][1])}</td>
          </tr>
          <tr>
            <th scope="row">A does not</th>
            <td class="good">{count(table[1][0])}</td>
            <td>{count(table[1][1])}</td>
          </tr>
        </tbody>
      </table>
      <div class="tabs" role="group" aria-label="Which problems">
        {SHOWS.map(([key, name]) => (
          <button type="button" key={key} aria-pressed={key === show} onClick={() => onShow(key)}>
            {name} <span class="quiet">{count(rows.filter(FITS[key]).length)}</span>
          </button>
        ))}
      </div>
      <Rows
        rows={shown}
        runs={runs}
        heads={[`A ${runs.a} ${iterationName(a.iteration)}`, `B ${runs.b} ${iterationName(b.iteration)}`]}
      />
      {unpaired.a + unpaired.b > 0 && (
        <p class="quiet small">
          Left out: {count(unpaired.a)} problems of A and {count(unpaired.b)} of B that the other was not asked.
        </p>
      )}
    </>
  )
}

const MOST_ROWS = 300

function Rows({
  rows,
  runs,
  heads,
}: {
  readonly rows: readonly DiffRow[]
  readonly runs: ComparedProps['runs']
  readonly heads: readonly [string, string]
}): JSX.Element {
  if (rows.length === 0) return <p class="quiet">There is no such problem.</p>
  return (
    <>
      <div class="wide-table" role="region" aria-label="Problems that differ" tabIndex={0}>
        <table class="diff-rows">
          <thead>
            <tr>
              <th scope="col">problem</th>
              <th scope="col">gold</th>
              <th scope="col">{heads[0]}</th>
              <th scope="col">{heads[1]}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((row) => (
              <tr key={row.problem}>
                <th scope="row">
                  <a href={problemPath(runs.b, row.problem)}>
                    <bdi class="question">{visibleLine(row.question)}</bdi>
                  </a>
                  <small>
                    <bdi>{visibleLine(row.problem)}</bdi>
                  </small>
                </th>
                <td>
                  <bdi>{visibleLine(row.gold).slice(0, 60)}</bdi>
                </td>
                <td>
                  <Answer run={runs.a} answer={row.a} />
                </td>
                <td>
                  <Answer run={runs.b} answer={row.b} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST_ROWS && (
        <p class="quiet">{count(rows.length - MOST_ROWS)} more; spendwise diff --json lists them all.</p>
      )}
    </>
  )
}

function Answer({ run, answer }: { readonly run: string; readonly answer: DiffAnswer }): JSX.Element {
  const { tone, sign } = signOf(
    answer.solved ? 'correct' : (answer.verdict ?? null) === 'correct' ? 'incorrect' : answer.verdict,
  )
  return (
    <a class={`answer-link ${tone}`} href={runPath(run, `/t/${answer.trace}`)}>
      <span aria-hidden="true">{sign}</span>{' '}
      <bdi>
        {answer.extracted === null ? (answer.verdict ?? 'not verified') : visibleLine(answer.extracted).slice(0, 60)}
      </bdi>
      {answer.samples > 1 && <small> {percent(answer.score)}</small>}
    </a>
  )
}

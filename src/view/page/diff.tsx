/** Two checkpoints or runs, problem by problem: gained, lost, whether that is chance, and the answers side by side. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { messageOf } from '../../core/errors.ts'
import { count, percent, points, significant } from '../../report/format.ts'
import { visibleLine } from '../../report/visible.ts'
import type { DiffRow, Diff as DiffShape } from '../../run/diff.ts'
import type { MeasuredPoint, RunSummary } from '../wire.ts'
import { go, parameters, runPath, withParameters } from './address.ts'
import { Rows } from './diff-rows.tsx'
import { ask, type Loaded, useAnswer } from './fetch.ts'
import { beat } from './live.ts'
import { iterationName, Shown } from './parts.tsx'
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
  const measured = known.value?.points ?? []
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
      <Unread of={known} isShown={address !== undefined} />
      {address !== undefined && (
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

/** Why there is less to choose from than there are runs; nothing where all is well. */
function Unread({ of, isShown }: { readonly of: Loaded<Choices>; readonly isShown: boolean }): JSX.Element | null {
  // A comparison that is shown already needs no choices, but their errors all the same.
  if (isShown && of.value === undefined && of.error === undefined) return null
  return (
    <Shown of={of}>
      {({ unread }) => (
        <>
          {unread.map(({ name, why }) => (
            <p class="trouble" role="alert" key={name}>
              The checkpoints of {visibleLine(name)} cannot be read: {why}
            </p>
          ))}
          {!isShown && unread.length === 0 && <p class="quiet">No checkpoint has been measured yet.</p>}
        </>
      )}
    </Shown>
  )
}

/** What can be compared, and the runs that did not say. */
interface Choices {
  readonly points: readonly MeasuredPoint[]
  readonly unread: readonly { readonly name: string; readonly why: string }[]
}

/** Measured checkpoints of all runs, those of the one in sight first. */
function useMeasured(run: string | undefined): Loaded<Choices> {
  const runs = useAnswer<readonly RunSummary[]>('/api/runs').value
  const found = useSignal<Choices | undefined>(undefined)
  const names = (runs.value ?? []).map(({ name }) => name).sort((x, y) => Number(y === run) - Number(x === run))
  useEffect(() => {
    if (runs.value === undefined) return
    const control = new AbortController()
    void Promise.all(names.map((name) => measuredOf(name, control.signal))).then((lists) => {
      if (control.signal.aborted) return
      found.value = { points: lists.flatMap(({ points }) => points), unread: lists.flatMap(({ unread }) => unread) }
    })
    return () => control.abort()
  }, [runs.value === undefined, names.join('\n')])
  return { value: found.value, error: runs.error, isLoading: found.value === undefined }
}

async function measuredOf(name: string, signal: AbortSignal): Promise<Choices> {
  try {
    return { points: await ask<MeasuredPoint[]>(`/api/runs/${encodeURIComponent(name)}/measured`, signal), unread: [] }
  } catch (error) {
    return { points: [], unread: [{ name, why: messageOf(error) }] }
  }
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

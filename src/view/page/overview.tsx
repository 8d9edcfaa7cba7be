/** A run at a glance, live: its headline, how far the present iteration is, the report's charts, and what it reports. */

import type { JSX } from 'preact'
import type { IterationStatus, RunStatus } from '../../core/status.ts'
import { amount, count, counted, duration, percent, points } from '../../report/format.ts'
import { phaseName, renderEventLine } from '../../report/terminal/event-line.ts'
import type { Overview as OverviewShape } from '../wire.ts'
import { go, runPath } from './address.ts'
import { useAnswer } from './fetch.ts'
import { beat, events, type TimedEvent } from './live.ts'
import { iterationName, Shown, Time } from './parts.tsx'
import { useKeys } from './use-keys.ts'

export function Overview({ run }: { readonly run: string }): JSX.Element {
  const answer = useAnswer<OverviewShape>(`/api/runs/${encodeURIComponent(run)}/overview`, beat.value)
  useKeys(
    {
      t: () => go(runPath(run, '/traces')),
      p: () => go(runPath(run, '/problems')),
      d: () => go(runPath(run, '/diff')),
      a: () => go(runPath(run, '/audit')),
      Escape: () => go('/'),
    },
    [
      { keys: 't p d a', does: 'traces, problems, diff, audit' },
      { keys: 'Esc', does: 'all runs' },
    ],
  )
  return (
    <main class="page overview">
      <Shown of={answer.value}>
        {(view) => (
          <>
            <Head run={run} view={view} />
            <Progress status={view.status} />
            <Tiles status={view.status} />
            {view.charts.length > 0 && (
              // Markup of ours, drawn by the report from numbers; every name in it is escaped there.
              <div class="charts" dangerouslySetInnerHTML={{ __html: view.charts.join('') }} />
            )}
            <Iterations run={run} status={view.status} />
            <External run={run} status={view.status} />
            <Events list={events.value} />
          </>
        )}
      </Shown>
    </main>
  )
}

function Head({ run, view }: { readonly run: string; readonly view: OverviewShape }): JSX.Element {
  const { status, headline, notes, report } = view
  return (
    <div class="head">
      <p class="eyebrow">
        {status.name} <span class={`state ${status.state}`}>{status.state}</span>
        {report && (
          <a class="aside" href={runPath(run, '/report.html')} target="_blank" rel="noreferrer">
            The whole report
          </a>
        )}
      </p>
      <h1 data-outcome={headline.outcome}>{aside(headline.title)}</h1>
      {headline.details.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {status.reason !== null && <p class="reason">{status.reason}</p>}
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
    </div>
  )
}

/** What stands in brackets is set back, so that the sentence reads at a glance. */
function aside(sentence: string): (JSX.Element | string)[] {
  return sentence.split(/(\(.*?\))/).map((part) => (part.startsWith('(') ? <span key={part}>{part}</span> : part))
}

function Progress({ status }: { readonly status: RunStatus }): JSX.Element | null {
  const now = status.iterations.find((row) => !['done', 'rejected', 'planned'].includes(row.state))
  if (status.state !== 'running' || !now) return null
  const share = now.target === null || now.target === 0 ? null : Math.min(1, now.accepted / now.target)
  const done = now.state === 'sampling' ? sampledSoFar(now) : share
  return (
    <section class="progress" aria-label="Progress">
      <p>
        <b>Iteration {now.iteration}</b>: {phaseName(now.state)}
        {now.target !== null && (
          <>
            , {count(Math.max(now.accepted, now.correct))} correct of {count(now.target)} wanted, {count(now.sampled)}{' '}
            sampled
            {now.acceptanceRate !== null && ` (${percent(now.acceptanceRate)})`}
          </>
        )}
      </p>
      {done !== null && <progress max="1" value={done} aria-label={`Iteration ${now.iteration}`} />}
    </section>
  )
}

function sampledSoFar({ target, correct }: IterationStatus): number | null {
  return target === null || target === 0 ? null : Math.min(1, correct / target)
}

function Tiles({ status }: { readonly status: RunStatus }): JSX.Element {
  const { totals } = status
  const final = status.iterations.findLast((row) => row.state !== 'rejected' && row.evaluation !== null)
  const evaluation = final?.evaluation ?? status.base.evaluation
  const rate =
    totals.sampled > 0 ? `${percent(totals.accepted / totals.sampled)} of ${count(totals.sampled)} sampled` : ''
  return (
    <dl class="tiles">
      {evaluation && (
        <Tile
          name="Accuracy"
          value={percent(evaluation.accuracy)}
          more={evaluation.gain ? `${points(evaluation.gain.accuracy)} points to the base` : 'the base'}
        />
      )}
      <Tile name="Accepted traces" value={count(totals.accepted)} more={rate} />
      <Tile name="Cost" value={amount(totals.cost)} more={status.costUnit} />
      <Tile name="Tokens" value={count(totals.tokens)} more="prompts and completions" />
      <Tile name="Time" value={duration(totals.seconds)} more="" />
    </dl>
  )
}

function Tile({
  name,
  value,
  more,
}: {
  readonly name: string
  readonly value: string
  readonly more: string
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {more !== '' && <small>{more}</small>}
      </dd>
    </div>
  )
}

function Iterations({ run, status }: { readonly run: string; readonly status: RunStatus }): JSX.Element | null {
  if (status.iterations.length === 0) return null
  return (
    <section>
      <h2>Iterations</h2>
      <div class="wide-table" role="region" aria-label="Iterations" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">t</th>
              <th scope="col">state</th>
              <th scope="col" class="number">
                target n_t
              </th>
              <th scope="col" class="number">
                accepted
              </th>
              <th scope="col" class="number">
                sampled N_t
              </th>
              <th scope="col" class="number">
                rate
              </th>
              <th scope="col" class="number">
                cost
              </th>
              <th scope="col" class="number">
                accuracy
              </th>
              <th scope="col">read</th>
            </tr>
          </thead>
          <tbody>
            {status.iterations.map((row) => (
              <tr key={row.iteration}>
                <th scope="row">{iterationName(row.iteration)}</th>
                <td>
                  <span class={`state ${row.state}`}>{row.state}</span>
                </td>
                <td class="number">{count(row.target)}</td>
                <td class="number">{count(row.accepted)}</td>
                <td class="number">{count(row.sampled)}</td>
                <td class="number">{percent(row.acceptanceRate)}</td>
                <td class="number">{amount(row.cost)}</td>
                <td class="number">{percent(row.evaluation?.accuracy)}</td>
                <td>
                  <a href={runPath(run, `/traces?purpose=train&it=${row.iteration}&verdict=incorrect`)}>incorrect</a>{' '}
                  <a href={runPath(run, `/traces?it=${row.iteration}&disposition=accepted`)}>accepted</a>
                  {row.evaluation !== null && (
                    <>
                      {' '}
                      <a href={diffPath(run, row.iteration)} title="problems gained and lost against the one before">
                        changed
                      </a>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** A checkpoint against the one before it. */
function diffPath(run: string, iteration: number): string {
  const before = iteration === 0 ? 'base' : iteration - 1
  const refs = new URLSearchParams({ a: `${run}@${before}`, b: `${run}@${iteration}` })
  return runPath(run, `/diff?${refs}`)
}

/** What was generated elsewhere is no part of any number above. */
function External({ run, status }: { readonly run: string; readonly status: RunStatus }): JSX.Element | null {
  const { external } = status
  if (!external) return null
  return (
    <p class="quiet">
      Generated elsewhere and imported, in no iteration:{' '}
      <a href={runPath(run, '/traces?purpose=external')}>{counted(external.completions, 'completion')}</a>,{' '}
      {count(external.correct)} correct, {count(external.accepted)} accepted.
    </p>
  )
}

const SHOWN_EVENTS = 60

function Events({ list }: { readonly list: readonly TimedEvent[] }): JSX.Element | null {
  if (list.length === 0) return null
  return (
    <section>
      <h2>What it reports</h2>
      <ol class="events">
        {list
          .slice(-SHOWN_EVENTS)
          .reverse()
          .map((event, at) => (
            <li key={`${event.at} ${list.length - at}`}>
              <Time at={event.at} />
              <span>{renderEventLine(event)}</span>
            </li>
          ))}
      </ol>
    </section>
  )
}

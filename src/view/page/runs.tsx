/** All runs: how far each is, what it reached, what it cost, what happened last. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { amount, count } from '../../report/format.ts'
import type { RunSummary } from '../wire.ts'
import { go, runPath } from './address.ts'
import { useAnswer } from './fetch.ts'
import { Share, Shown, Time } from './parts.tsx'
import { useKeys } from './use-keys.ts'

const REFRESH_MS = 4_000

export function Runs(): JSX.Element {
  const beat = useSignal(0)
  useEffect(() => {
    const timer = setInterval(() => beat.value++, REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  const answer = useAnswer<readonly RunSummary[]>('/api/runs', beat.value)
  const chosen = useSignal(0)
  const runs = answer.value.value ?? []
  const step = (by: number): void => {
    chosen.value = Math.max(0, Math.min(runs.length - 1, chosen.value + by))
  }
  useKeys(
    {
      j: () => step(1),
      k: () => step(-1),
      Enter: () => {
        const run = runs[chosen.value]
        if (run) go(runPath(run.name))
      },
    },
    [
      { keys: 'j k', does: 'next, previous run' },
      { keys: 'Enter', does: 'open it' },
    ],
  )
  return (
    <main class="page">
      <h1>Runs</h1>
      <Shown of={answer.value}>
        {(rows) =>
          rows.length === 0 ? (
            <p class="quiet">
              No runs yet. Make one: <code>spendwise quickstart</code>
            </p>
          ) : (
            <ul class="runs">
              {rows.map((run, at) => (
                <RunCard key={run.name} run={run} isChosen={at === chosen.value} />
              ))}
            </ul>
          )
        }
      </Shown>
      {runs.length > 1 && (
        <p class="quiet">
          <a href="/diff">Compare two runs or checkpoints</a>
        </p>
      )}
    </main>
  )
}

function RunCard({ run, isChosen }: { readonly run: RunSummary; readonly isChosen: boolean }): JSX.Element {
  const { base, last } = run.accuracy ?? { base: null, last: null }
  return (
    <li class={isChosen ? 'chosen' : ''}>
      <a href={runPath(run.name)}>
        <span class="run-head">
          <b>{run.name}</b>
          {run.title !== run.name && <span class="quiet"> {run.title}</span>}
          <span class={`state ${run.state}`}>{run.state}</span>
        </span>
        {run.reason !== null && <span class="reason">{run.reason}</span>}
        <span class="run-numbers">
          <span>
            <small>accuracy</small>
            {last === null && base === null ? (
              <span class="quiet">not measured</span>
            ) : (
              <>
                <Share of={last ?? base} />
                {last !== null && base !== null && (
                  <>
                    {' '}
                    <Gain by={last - base} />
                  </>
                )}
              </>
            )}
          </span>
          <span>
            <small>iterations</small>
            {run.iterations}
          </span>
          <span>
            <small>accepted</small>
            {count(run.accepted)}
          </span>
          <span>
            <small>sampled</small>
            {count(run.sampled)}
          </span>
          <span>
            <small>cost{run.costUnit === '' ? '' : ` (${run.costUnit})`}</small>
            {amount(run.cost)}
          </span>
          <span>
            <small>last event</small>
            {run.lastEventAt === null ? (
              '–'
            ) : (
              <>
                {run.lastEvent} <Time at={run.lastEventAt} />
              </>
            )}
          </span>
        </span>
      </a>
    </li>
  )
}

function Gain({ by }: { readonly by: number }): JSX.Element {
  const tone = by > 0 ? 'good' : by < 0 ? 'bad' : 'quiet'
  return (
    <span class={tone}>
      {by > 0 ? '+' : by < 0 ? '−' : ''}
      {Math.abs(100 * by).toFixed(1)}
    </span>
  )
}

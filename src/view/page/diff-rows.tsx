/** The problems of a comparison, answers side by side. */

import type { JSX } from 'preact'
import { count, percent } from '../../report/format.ts'
import { visibleLine } from '../../report/visible.ts'
import type { DiffAnswer, DiffRow } from '../../run/diff.ts'
import { problemPath, runPath } from './address.ts'
import { signOf } from './parts.tsx'

const MOST_ROWS = 300

export function Rows({
  rows,
  runs,
  heads,
}: {
  readonly rows: readonly DiffRow[]
  /** Names of the runs in addresses. */
  readonly runs: { readonly a: string; readonly b: string }
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

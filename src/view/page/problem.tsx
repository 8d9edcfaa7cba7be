/** One problem: the question, its solve rate at every checkpoint, and every sample as a cell. */

import type { JSX } from 'preact'
import { visibleLine } from '../../report/visible.ts'
import type { ProblemDetail, SolveRate } from '../wire.ts'
import { go, runPath } from './address.ts'
import { useAnswer } from './fetch.ts'
import { beat } from './live.ts'
import { isSolved, Matrix } from './matrix.tsx'
import { Facts, iterationName, Share, Shown } from './parts.tsx'
import { RichText } from './rich-text.tsx'
import { useKeys } from './use-keys.ts'

export function Problem({ run, id }: { readonly run: string; readonly id: string }): JSX.Element {
  const address = `/api/runs/${encodeURIComponent(run)}/problems/${id.split('/').map(encodeURIComponent).join('/')}`
  const answer = useAnswer<ProblemDetail>(address, beat.value)
  const problem = answer.value.value
  const first = problem?.samples[0]
  useKeys(
    {
      Enter: () => first && go(runPath(run, `/t/${first.id}`)),
      Escape: () => go(runPath(run, '/problems')),
    },
    [
      { keys: 'Enter', does: 'its first sample' },
      { keys: 'Esc', does: 'all problems' },
    ],
  )
  return (
    <main class="page">
      <Shown of={answer.value}>
        {(shown) => (
          <>
            <p class="crumbs">
              <a href={runPath(run, '/problems')}>Problems</a>
            </p>
            <h1>
              <bdi>{visibleLine(shown.id)}</bdi>
            </h1>
            <div class="columns">
              <div class="texts">
                <h2>Question</h2>
                <div class="text question-text">
                  <RichText text={shown.question} />
                </div>
                <h2>Gold answer</h2>
                <div class="text gold-text">
                  <RichText text={shown.gold} />
                </div>
                <Facts
                  rows={[
                    ['split', shown.split],
                    ['source', visibleLine(shown.source)],
                    ['level', shown.level === null ? null : visibleLine(shown.level)],
                    [
                      'published solve rate',
                      shown.solveRate === null ? null : <Share key="published" of={shown.solveRate} width={60} />,
                    ],
                    ['traces', <a href={runPath(run, `/traces?problem=${encodeURIComponent(shown.id)}`)}>as a list</a>],
                  ]}
                />
              </div>
              <div class="aside">
                <h2>Solve rate</h2>
                <Rates rates={shown.rates} />
              </div>
            </div>
            {shown.samples.length > 0 && (
              <>
                <h2>Samples</h2>
                <p class="quiet small">
                  A row for each purpose and iteration, a cell for each sample, in the order of its index.
                </p>
                <Matrix run={run} samples={shown.samples} />
              </>
            )}
            <Answers problem={shown} />
          </>
        )}
      </Shown>
    </main>
  )
}

function Rates({ rates }: { readonly rates: readonly SolveRate[] }): JSX.Element {
  if (rates.length === 0) return <p class="quiet">It has not been asked yet.</p>
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">drawn for</th>
          <th scope="col">iteration</th>
          <th scope="col" class="number">
            correct
          </th>
          <th scope="col">rate</th>
        </tr>
      </thead>
      <tbody>
        {rates.map(({ purpose, iteration, asked, correct }) => (
          <tr key={`${purpose} ${iteration}`}>
            <td>{purpose}</td>
            <td>{iterationName(iteration)}</td>
            <td class="number">
              {correct} of {asked}
            </td>
            <td>
              <Share of={asked === 0 ? null : correct / asked} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const MOST_ANSWERS = 12

/** Different answers by how often they were given: what the model believes instead. */
function Answers({ problem }: { readonly problem: ProblemDetail }): JSX.Element | null {
  const groups = Map.groupBy(
    problem.samples.filter(({ extracted }) => extracted !== null),
    ({ extracted }) => extracted ?? '',
  )
  const rows = [...groups].sort(([, a], [, b]) => b.length - a.length).slice(0, MOST_ANSWERS)
  const most = rows[0]?.[1].length ?? 0
  if (most === 0) return null
  return (
    <>
      <h2>Answers</h2>
      <ul class="answer-bars">
        {rows.map(([answer, samples]) => (
          <li key={answer}>
            <span class="said">
              <bdi>{visibleLine(answer)}</bdi>
            </span>
            <svg class="meter" height="10" width="200" aria-hidden="true">
              <rect
                class={samples.some(isSolved) ? 'good' : 'bad'}
                width={(200 * samples.length) / most}
                height="10"
                rx="2"
              />
            </svg>
            {samples.length}
          </li>
        ))}
      </ul>
    </>
  )
}

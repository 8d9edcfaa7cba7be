/** All samples of a problem: a row an iteration and purpose, a cell a sample, coloured by verdict. */

import type { JSX } from 'preact'
import type { SampleCell } from '../../core/trace.ts'
import { runPath } from './address.ts'
import { iterationName, signOf } from './parts.tsx'

interface MatrixProps {
  readonly run: string
  readonly samples: readonly SampleCell[]
  /** The one that is looked at. */
  readonly current?: number
}

const MOST_IN_ROW = 240

export function Matrix({ run, samples, current }: MatrixProps): JSX.Element {
  const rows = [...Map.groupBy(samples, ({ purpose, iteration }) => `${purpose} ${iteration}`).values()]
  return (
    <div class="wide-table" role="region" aria-label="Samples of the problem" tabIndex={0}>
      <table class="matrix">
        <tbody>
          {rows.map((row) => {
            const [first] = row
            if (!first) return null
            const ended = row.filter(({ finishReason }) => finishReason !== 'failed')
            const correct = ended.filter(isSolved).length
            return (
              <tr key={`${first.purpose} ${first.iteration}`}>
                <th scope="row">
                  {first.purpose} <b>{iterationName(first.iteration)}</b>
                </th>
                <td class="number">
                  {correct}/{ended.length}
                </td>
                <td class="cells">
                  {row.slice(0, MOST_IN_ROW).map((cell) => (
                    <Cell key={cell.id} run={run} cell={cell} isCurrent={cell.id === current} />
                  ))}
                  {row.length > MOST_IN_ROW && <span class="quiet"> {row.length - MOST_IN_ROW} more</span>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Cell({
  run,
  cell,
  isCurrent,
}: {
  readonly run: string
  readonly cell: SampleCell
  readonly isCurrent: boolean
}): JSX.Element {
  const { sign, tone, name } = signOf(cell.verdict, cell.finishReason)
  const said = cell.extracted === null ? '' : `: ${cell.extracted}`
  const title = `#${cell.index} ${name}${said}${cell.disposition === null ? '' : `, ${cell.disposition}`}`
  return (
    <a
      class={`cell ${tone}${isCurrent ? ' current' : ''}${cell.disposition === 'accepted' ? ' accepted' : ''}`}
      href={runPath(run, `/t/${cell.id}`)}
      title={title}
      aria-label={title}
      aria-current={isCurrent ? 'true' : undefined}
    >
      {sign}
    </a>
  )
}

export function isSolved({ verdict, finishReason }: SampleCell): boolean {
  return verdict === 'correct' && finishReason === 'stop'
}

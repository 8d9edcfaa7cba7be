/** Single problems on the page: which flipped between the base and the last checkpoint, and which were never solved. */

import { count, counted, percent, significant } from '../format.ts'
import { type Content, html } from '../markup.ts'
import { mathText } from '../math/mathml.ts'
import { levelName, nameOf } from '../measured.ts'
import type { ReportFlip, ReportHardProblem, ReportView } from '../view.ts'
import { clip, visibleLine } from '../visible.ts'
import { htmlTable } from './table.ts'

/** Problems that only one of the two solves, with both answers; nothing where there are not two to compare. */
export function flipsTable({ flips }: ReportView): Content {
  if (flips === null) return null
  const { from, to, gained, lost, p, rows } = flips
  const sentence = `From ${nameOf(from) === 'base' ? 'the base' : `iteration ${from}`} to iteration ${to}, ${flips.purpose === 'greedy' ? 'greedy' : 'at the evaluation temperature'}: ${counted(gained, 'problem')} gained, ${count(lost)} lost (McNemar's exact p = ${significant(p)}).`
  if (rows.length === 0) return html`<p>${sentence}</p>`
  const left = gained + lost - rows.length
  return [
    html`<p>${sentence}${left > 0 && ` The first ${count(rows.length)} are listed.`}</p>`,
    htmlTable<ReportFlip>(
      'Problems that flipped.',
      [
        { title: 'Problem', cell: (row) => problemCell(row.problem, row.question) },
        {
          title: '',
          cell: (row) => html`<span class="${row.solved ? 'good' : 'bad'}">${row.solved ? 'gained' : 'lost'}</span>`,
        },
        { title: 'Gold', cell: (row) => answer(row.gold) },
        { title: nameOf(from), cell: (row) => answer(row.before) },
        { title: `Iteration ${to}`, cell: (row) => answer(row.after) },
      ],
      rows,
    ),
  ]
}

/** Training problems that were asked most often without a single correct trace. */
export function hardTable({ hard }: ReportView): Content {
  if (hard.length === 0) return null
  return htmlTable<ReportHardProblem>(
    'Training problems asked most often and never solved.',
    [
      { title: 'Problem', cell: (row) => problemCell(row.problem, row.question) },
      { title: 'Level', cell: (row) => (row.level === null ? '' : levelName(clip(row.level, 40))) },
      { title: 'Asked', number: true, cell: (row) => count(row.asked) },
      { title: 'Gold', cell: (row) => answer(row.gold) },
      {
        title: 'Most frequent answer',
        cell: (row) =>
          row.said === null ? 'none' : html`${answer(row.said.answer)} <small>${percent(row.said.share)}</small>`,
      },
    ],
    hard,
  )
}

function problemCell(id: string, question: string): Content {
  return html`<span class="cell-text">${clip(visibleLine(question), 160)}</span> <small><code>${clip(visibleLine(id), 80)}</code></small>`
}

function answer(text: string | null): Content {
  if (text === null) return html`<span class="quiet">none</span>`
  const line = clip(visibleLine(text), 60)
  return /\\[a-z]+/i.test(line) && !line.includes('$') ? mathText(`\\(${line}\\)`) : line
}

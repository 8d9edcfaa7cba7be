/** The report of a run: a page with everything that there is to know of it. */

import { costUnitName } from '../../core/budget/cost-settings.ts'
import type { RunStatus } from '../../core/status.ts'
import { accuracyChart } from '../chart/accuracy.ts'
import { type Chart, drawCharts } from '../chart/chart.ts'
import { acceptanceChart, budgetChart } from '../chart/iterations.ts'
import { levelsChart } from '../chart/levels.ts'
import { amount, count, duration, percent, points } from '../format.ts'
import { finalEvaluated, headline } from '../headline.ts'
import { type Content, html, type Markup } from '../markup.ts'
import type { ReportProvenance, ReportView } from '../view.ts'
import { visibleLine } from '../visible.ts'
import { flipsTable, hardTable } from './flips.ts'
import {
  decisionTable,
  evaluationTable,
  gateTable,
  healthTable,
  jobsTable,
  levelsTable,
  samplingTable,
} from './iterations.ts'
import { accountTable, activityTable, attemptsTable, ledgerTable, spendingBars } from './ledger.ts'
import { page } from './page.ts'
import { problemsTables } from './problems.ts'
import { termsList } from './terms.ts'
import { sampleTraces } from './traces.ts'

/**
 * The whole page as text, below a megabyte. The same view gives the same bytes.
 * @example writeFileSync('report.html', await renderReport(view))
 */
export async function renderReport(view: ReportView): Promise<string> {
  return reportPage(view, await reportCharts(view)).markup
}

/** The report's charts in their order. Each is undefined where it has nothing to show. */
export const CHARTS: readonly ((view: ReportView) => Chart | undefined)[] = [
  accuracyChart,
  budgetChart,
  acceptanceChart,
  levelsChart,
]

/** The charts as figures; those that have nothing to show are left out. */
export function reportCharts(view: ReportView, charts = CHARTS): Promise<Markup[]> {
  return drawCharts(charts.flatMap((chart) => chart(view) ?? []))
}

function reportPage(view: ReportView, figures: readonly Markup[]): Markup {
  const title = `${visibleLine(view.status.name)}: spendwise report`
  const sections: readonly (readonly [name: string, content: Content])[] = [
    ['Where it went', spendingBars(view)],
    ['Iterations', [samplingTable(view), decisionTable(view), evaluationTable(view), levelsTable(view)]],
    ['Gate', [gateTable(view), healthTable(view)]],
    ['Training', jobsTable(view)],
    ['Problems', [problemsTables(view), flipsTable(view), hardTable(view)]],
    ['Ledger', [accountTable(view), ledgerTable(view), attemptsTable(view), activityTable(view)]],
    ['Traces to read', [readOn(view.status.name), sampleTraces(view.traces)]],
    ['Provenance', provenance(view.provenance, view.status)],
    ['Terms', termsList()],
  ]
  return page(
    title,
    html`${top(view)}
${contents(sections.map(([name]) => name))}
${figures.length > 0 && html`<div class="charts">\n${figures}</div>`}
${sections.map(([name, content]) => section(name, content))}`,
  )
}

function contents(names: readonly string[]): Markup {
  return html`<nav class="toc" aria-label="Contents"><ul>${names.map(
    (name) => html`<li><a href="#${anchorOf(name)}">${name}</a></li>`,
  )}</ul></nav>`
}

function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-')
}

function readOn(name: string): Markup {
  return html`<p>A few of each kind. All of them, with filters, search and the reason of every verdict: <code>spendwise view ${visibleLine(name)}</code></p>`
}

function section(title: string, content: Content): Markup {
  return html`<section id="${anchorOf(title)}">
<h2>${title}</h2>
${content}
</section>`
}

function top(view: ReportView): Markup {
  const { status } = view
  const { outcome, title, details } = headline(view)
  return html`<header>
<p class="eyebrow">${visibleLine(status.name)} <span class="state">${status.state}</span></p>
<h1 data-outcome="${outcome}">${quietAsides(title)}</h1>
${details.map((sentence) => html`<p>${sentence}</p>\n`)}${notes(view)}
${tiles(view)}
</header>`
}

/** What stands in brackets is set back, so that the sentence reads at a glance. */
function quietAsides(sentence: string): Content {
  return sentence.split(/(\(.*?\))/).map((part) => (part.startsWith('(') ? html`<span>${part}</span>` : part))
}

function notes({ isToy, notes: sentences }: ReportView): Content {
  const fallback = isToy && sentences.length === 0 ? ['The embedded model is a toy: it only speaks its templates.'] : []
  const all = [...sentences, ...fallback]
  return (
    all.length > 0 && html`<aside class="note">${all.map((sentence) => html`<p>${visibleLine(sentence)}</p>`)}</aside>`
  )
}

function tiles(view: ReportView): Markup {
  const { status, evaluationTemperature } = view
  const { totals } = status
  const final = finalEvaluated(status)?.evaluation ?? status.base.evaluation
  const rate =
    totals.sampled > 0 ? `${percent(totals.accepted / totals.sampled)} of ${count(totals.sampled)} sampled` : ''
  const all: { name: string; value: string; more: string }[] = [
    { name: 'Accepted traces', value: count(totals.accepted), more: rate },
    { name: 'Cost', value: amount(totals.cost), more: view.costs === null ? '' : costUnitName(view.costs) },
    { name: 'Tokens', value: count(totals.tokens), more: 'prompts and completions' },
    { name: 'Time', value: duration(totals.seconds), more: '' },
  ]
  if (final) {
    const gain = final.gain && final.gain.n > 0 ? `${points(final.gain.accuracy)} points` : 'the base'
    all.unshift({ name: `Accuracy, T = ${evaluationTemperature}`, value: percent(final.accuracy), more: gain })
  }
  return html`<dl class="tiles">${all.map(
    ({ name, value, more }) =>
      html`<div><dt>${name}</dt><dd>${value}${more !== '' && html`<small>${more}</small>`}</dd></div>`,
  )}</dl>`
}

function provenance(from: ReportProvenance, status: RunStatus): Content {
  const hashed = (name: string, hash: string): Markup => html`${name} <code>${hash}</code>`
  const split = {
    instance: 'by instance: the same templates, fresh numbers',
    template: 'by template: templates never trained on',
  }
  const facts: { readonly label: string; readonly text: Content }[] = [
    { label: 'Budget policy', text: from.policy },
    { label: 'Base', text: from.base && hashed(from.base.path, from.base.hash) },
    { label: 'Problems', text: from.problems.map(({ split: name, count: n }) => `${name} ${count(n)}`).join(', ') },
    { label: 'Template split', text: from.splitBy && split[from.splitBy] },
    ...from.facts,
    ...from.prompts.map(({ role, name, hash }) => ({ label: `Prompt, ${role}`, text: hashed(name, hash) })),
    { label: 'Seed', text: String(from.seed) },
    { label: 'Checker', text: from.checker },
    {
      label: 'Versions',
      text: Object.entries(from.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    },
    { label: 'Started', text: from.startedAt },
    ...status.iterations.flatMap(({ iteration, checkpoint }) =>
      checkpoint
        ? [
            {
              label: `Checkpoint ${iteration}`,
              text: html`${hashed(checkpoint.path, checkpoint.hash)} ${checkpoint.weights}`,
            },
          ]
        : [],
    ),
  ]
  const known = facts.filter(({ text }) => text !== null && text !== '')
  return [
    html`<dl class="facts">${known.map(({ label, text }) => html`<dt>${label}</dt><dd>${text}</dd>\n`)}</dl>`,
    from.configuration !== null &&
      html`<details><summary>Configuration, fully spelled out</summary><pre>${from.configuration}</pre></details>`,
  ]
}

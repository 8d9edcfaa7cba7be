/** A plan's sizes as bars, and a pilot's forecast as a table, for the terminal. */

import type { PilotSummary } from '../../core/budget/forecast.ts'
import type { Plan } from '../../core/budget/plan.ts'
import { amount, count, counted, NOTHING, percent, significant } from '../format.ts'
import { type Column, paint, type TextStyle, table, wrap } from './columns.ts'

/** More iterations than a screen has lines are thinned out. */
const MOST_BARS = 20

/** n_t by iteration, a bar a line; no line is wider than `width`. */
export function renderSizes({ iterations }: Plan, style: TextStyle): string {
  const known = iterations.filter(({ accepted }) => accepted !== null)
  const step = Math.max(1, Math.ceil(known.length / MOST_BARS))
  const rows = known.filter((_, place) => place % step === 0 || place === known.length - 1)
  const most = Math.max(1, ...rows.map(({ accepted }) => accepted ?? 0))
  const digits = Math.max(...rows.map(({ iteration }) => String(iteration).length), 1)
  const numbers = Math.max(...rows.map(({ accepted }) => count(accepted).length), 1)
  const room = Math.max(4, Math.min(50, style.width - digits - numbers - 4))
  return rows
    .map(({ iteration, accepted }) => {
      const bar = '▇'.repeat(Math.max(1, Math.round((room * (accepted ?? 0)) / most)))
      return `${String(iteration).padStart(digits)} ${paint(style, 'cyan', bar)} ${count(accepted)}`
    })
    .join('\n')
}

interface ForecastRow {
  readonly iteration: number
  readonly samples: Bounds
  readonly cost: Bounds | null
  readonly exhausted: number
}

interface Bounds {
  readonly median: number | null
  readonly low: number | null
  readonly high: number | null
}

const COLUMNS: readonly Column<ForecastRow>[] = [
  { title: 't', align: 'right', spare: 0, cell: ({ iteration }) => String(iteration) },
  { title: 'N_t', align: 'right', spare: 0, cell: ({ samples }) => bound(samples.median) },
  { title: '95%', align: 'right', spare: 1, cell: ({ samples }) => range(samples) },
  { title: 'cost', align: 'right', spare: 2, cell: ({ cost }) => (cost ? bound(cost.median, amount) : NOTHING) },
  { title: '95%', align: 'right', spare: 3, cell: ({ cost }) => (cost ? range(cost, amount) : NOTHING) },
  { title: 'used up', align: 'right', spare: 0, cell: ({ exhausted }) => percent(exhausted) },
]

/** What the pilot showed, and what it predicts at the base's solve rates. */
export function renderForecast(pilot: PilotSummary, rows: readonly ForecastRow[], style: TextStyle): string {
  const { accepted, refused, truncated } = pilot.tokens
  const tokens = [
    accepted !== null && `${Math.round(accepted)} accepted`,
    refused !== null && `${Math.round(refused)} refused`,
    truncated !== null && `${Math.round(truncated)} cut off`,
  ].filter((text) => text !== false)
  const sentence = `Pilot: ${counted(pilot.samples, 'sample')} of ${counted(pilot.problems, 'problem')}, ${percent(pilot.acceptanceRate)} fit for training; tokens each: ${tokens.join(', ')}; ${requestTime(pilot.secondsPerSample)}. Forecast at the base's solve rates, which training is to raise:`
  return [...wrap(sentence, style.width), '', ...table(COLUMNS, rows, style)].join('\n')
}

/** null is a pool that is used up before. */
function bound(value: number | null, write = count): string {
  return value === null ? 'never' : write(value)
}

function range({ low, high }: Bounds, write = count): string {
  return `${bound(low, write)} to ${bound(high, write)}`
}

function requestTime(seconds: number | null): string {
  return seconds === null
    ? 'all of them from the cache, so that nothing is known of the time a request takes'
    : `${significant(seconds)} s a request`
}

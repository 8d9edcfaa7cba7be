/** The traces of an export, chosen and streamed: filters, partners of preference pairs, and the draw that balances them. */

import type { Balance } from '../core/export.ts'
import type { Random } from '../core/seed.ts'
import { drawBalanced } from './balance.ts'
import {
  createExportFilter,
  type Drop,
  type Exportable,
  type ExportFilter,
  type FilterTools,
  mayTrain,
  type TraceRole,
} from './filter.ts'
import type { RowKind } from './formats.ts'

export interface SelectionOptions extends ExportFilter {
  readonly kind: RowKind
  readonly balance: Balance
  /** How many are drawn in all; undefined for all, or, balanced, for as many of each group as the smallest has. */
  readonly rows: number | undefined
}

export interface SourceTrace extends Exportable {
  readonly id: number
  readonly iteration: number
  readonly level: string | null
  readonly source: string
}

export interface Selected<T> {
  readonly trace: T
  readonly role: TraceRole
  /** Id of the incorrect trace next to it, of pairs. */
  readonly partner: number | undefined
}

/** How many traces there were to choose from, and what became of the ones left out. */
export interface Fates {
  candidates: number
  readonly dropped: Map<Drop | 'unpaired' | 'not-drawn', number>
}

export function createFates(): Fates {
  return { candidates: 0, dropped: new Map() }
}

/**
 * @param source all traces in the order of the run; asked again for each pass that is needed
 * @param fates is filled while the result is read
 */
export function* selectTraces<T extends SourceTrace>(
  source: () => Iterable<T>,
  options: SelectionOptions,
  tools: FilterTools<T>,
  random: Random,
  fates: Fates,
): Generator<Selected<T>> {
  const partners = options.kind === 'pairs' ? collectPartners(source(), options, tools) : undefined
  const passing = passFilters(source(), options, tools, partners, fates)
  if (options.balance === 'none' && options.rows === undefined) {
    yield* passing
    return
  }
  const drawn = drawIds(passing, options, random, fates)
  for (const trace of source()) {
    const role = drawn.ids.has(trace.id) ? roleOf(trace, options.kind) : undefined
    if (role !== undefined) yield { trace, role, partner: drawn.partners.get(trace.id) }
  }
}

function* passFilters<T extends SourceTrace>(
  traces: Iterable<T>,
  options: SelectionOptions,
  tools: FilterTools<T>,
  partners: Partners | undefined,
  fates: Fates,
): Generator<Selected<T>> {
  const drop = createExportFilter(options, tools)
  // Wrong traces are no duplicates of right ones, and have a cap of their own.
  const dropIncorrect = createExportFilter(options, tools)
  for (const trace of traces) {
    const role = roleOf(trace, options.kind)
    if (role === undefined) continue
    fates.candidates++
    const reason = role === 'incorrect' ? dropIncorrect(trace) : drop(trace)
    const partner = reason === undefined ? partners?.take(trace) : undefined
    const fate = reason ?? (partners && partner === undefined ? 'unpaired' : undefined)
    if (fate === undefined) yield { trace, role, partner }
    else fates.dropped.set(fate, (fates.dropped.get(fate) ?? 0) + 1)
  }
}

/** As what a trace goes in; of pairs, the incorrect ones come as partners. */
function roleOf(trace: Exportable, kind: RowKind): TraceRole | undefined {
  if (kind === 'accepted') return mayTrain(trace, 'accepted') ? 'accepted' : undefined
  if (mayTrain(trace, 'correct')) return 'correct'
  return kind === 'labelled' && mayTrain(trace, 'incorrect') ? 'incorrect' : undefined
}

interface Partners {
  /** An incorrect trace of the same problem that nobody has yet, of the same iteration where there is one. */
  take(trace: SourceTrace): number | undefined
}

/** The incorrect traces that pass the same filters, by problem; as many as there are, for the cap counts pairs. */
function collectPartners<T extends SourceTrace>(
  traces: Iterable<T>,
  options: SelectionOptions,
  tools: FilterTools<T>,
): Partners {
  const drop = createExportFilter({ ...options, maxPerProblem: undefined }, tools)
  const waiting = new Map<number, { readonly id: number; readonly iteration: number }[]>()
  for (const trace of traces) {
    if (!mayTrain(trace, 'incorrect') || drop(trace) !== undefined) continue
    const own = waiting.get(trace.problem)
    const one = { id: trace.id, iteration: trace.iteration }
    if (own) own.push(one)
    else waiting.set(trace.problem, [one])
  }
  return {
    take({ problem, iteration }) {
      const own = waiting.get(problem) ?? []
      const same = own.findIndex((one) => one.iteration === iteration)
      return own.splice(Math.max(same, 0), 1)[0]?.id
    },
  }
}

interface Drawn {
  readonly ids: ReadonlySet<number>
  /** Of pairs, by the id of the correct trace. */
  readonly partners: ReadonlyMap<number, number>
}

/** Holds a few numbers of each trace in memory, not the traces. */
function drawIds(
  passing: Iterable<Selected<SourceTrace>>,
  { balance, rows }: SelectionOptions,
  random: Random,
  fates: Fates,
): Drawn {
  const all: number[] = []
  const groups: number[] = []
  const partners = new Map<number, number>()
  const numbers = new Map<unknown, number>()
  for (const { trace, partner } of passing) {
    const key = balance === 'none' ? '' : trace[balance]
    const group = numbers.get(key) ?? numbers.size
    numbers.set(key, group)
    groups.push(group)
    all.push(trace.id)
    if (partner !== undefined) partners.set(trace.id, partner)
  }
  const taken = drawBalanced(groups, rows, random)
  const ids = new Set<number>()
  for (const [place, id] of all.entries()) if (taken[place] === 1) ids.add(id)
  if (all.length > ids.size) fates.dropped.set('not-drawn', all.length - ids.size)
  return { ids, partners }
}

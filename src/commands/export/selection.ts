/** What an export leaves out: run.yaml's `export` section, and the options that go before it. */

import type { RunConfig } from '../../config/schema.ts'
import { EVERYTHING, type RowSelection } from '../../run/rows.ts'

/** Options of the command line; what is left out is as run.yaml has it. */
export type SelectionFlags = Partial<Omit<RowSelection, 'testSets'>>

/** Everything but the test sets, which are files. */
export function selectionOf(config: RunConfig, flags: SelectionFlags): RowSelection {
  const { decontaminate: _, ...section } = config.export
  const configured = Object.fromEntries(Object.entries(section).filter(([, value]) => value !== null))
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  return { ...EVERYTHING, seed: config.seed, ...configured, ...given }
}

/** The filters that are in force, by name; nothing where everything goes in. */
export function filtersInForce(selection: RowSelection): Record<string, unknown> {
  const { testSets, ngram, seed: _, ...filters } = selection
  const open: Readonly<Record<string, unknown>> = { ...EVERYTHING }
  const set = Object.entries(filters).filter(([name, value]) => value !== undefined && value !== open[name])
  return {
    ...Object.fromEntries(set),
    ...(testSets.length === 0 ? {} : { decontaminate: testSets.map(({ name }) => name), ngram }),
  }
}

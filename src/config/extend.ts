/** Extensions of a budget in a configuration: the keys that have grown since a run began. */

import type { ExtendableKey, Extension } from '../core/budget/extension.ts'
import type { RunConfig } from './schema.ts'
import { valueAt, withValueAt } from './tree.ts'

/** The value of a budget that may be extended; undefined where the run has none. */
export function budgetValue({ budget }: RunConfig, key: ExtendableKey): number | undefined {
  const value = valueAt(budget, key.split('.'))
  return typeof value === 'number' ? value : undefined
}

/**
 * A configuration as its run.yaml says, with the extensions of the run laid over it: a key that still has a value from before an
 * extension has the newest one. Any other value stays, and is looked at as every change is.
 */
export function withExtensions(config: RunConfig, extensions: readonly Extension[]): RunConfig {
  const grown = new Map(extensions.map(({ key, now }) => [key, now]))
  return [...grown].reduce((changed, [key, now]) => {
    const value = budgetValue(config, key)
    const isOld = extensions.some((it) => it.key === key && it.was === value)
    return isOld ? (withValueAt(changed, ['budget', ...key.split('.')], now) as RunConfig) : changed
  }, config)
}

/** A run that has ended by its budget and continues with a larger one: which keys may grow, and how a seam is told. */

import { ConfigError } from '../errors.ts'

/** Keys below `budget` that a run may end by. The short names of the caps are taken too. */
export const EXTENDABLE = [
  'iterations',
  'total',
  'cost',
  'timeSeconds',
  'caps.samples',
  'caps.tokens',
  'caps.seconds',
  'caps.cost',
] as const
export type ExtendableKey = (typeof EXTENDABLE)[number]

const SHORT: Readonly<Record<string, ExtendableKey>> = {
  samples: 'caps.samples',
  tokens: 'caps.tokens',
  seconds: 'caps.seconds',
}

/** One key of a budget that has grown. */
export interface Extension {
  readonly key: ExtendableKey
  readonly was: number
  readonly now: number
  /** The last iteration of the smaller budget; null where that has been rolled back since. */
  readonly after: number | null
}

export interface ExtensionRequest {
  readonly key: ExtendableKey
  readonly now: number
}

/** @throws ConfigError for what is not KEY=NUMBER, or a key that no run ends by */
export function readExtension(text: string): ExtensionRequest {
  const equals = text.indexOf('=')
  const name = (equals < 0 ? text : text.slice(0, equals)).trim().replace(/^budget\./, '')
  const key = EXTENDABLE.find((known) => known === (SHORT[name] ?? name))
  const value = equals < 0 ? '' : text.slice(equals + 1).trim()
  const now = Number(value.replaceAll('_', ''))
  if (key === undefined) {
    throw new ConfigError(
      `--extend ${name}  is not a budget that a run ends by. Write one of ${EXTENDABLE.join(', ')}, for example --extend iterations=8.`,
    )
  }
  if (value === '' || !Number.isFinite(now) || now <= 0) {
    throw new ConfigError(
      `--extend ${key}  needs the new value as a number above 0, for example --extend ${key}=${EXAMPLES[key]}.`,
    )
  }
  return { key, now }
}

const EXAMPLES: Readonly<Record<ExtendableKey, string>> = {
  iterations: '8',
  total: '20000',
  cost: '200000',
  timeSeconds: '7200',
  'caps.samples': '200000',
  'caps.tokens': '50000000',
  'caps.seconds': '86400',
  'caps.cost': '200000',
}

/** For people, one sentence for each seam. */
export function extensionsInWords(extensions: readonly Extension[]): string[] {
  const seams = Map.groupBy(
    extensions.filter(({ after }) => after !== null),
    ({ after }) => after,
  )
  return [...seams].map(([after, own]) => {
    const keys = own.map(({ key, was, now }) => `budget.${key} from ${was} to ${now}`)
    return `Extended after iteration ${after}: ${keys.join(' and ')}; iterations up to it stay as the smaller budget left them.`
  })
}

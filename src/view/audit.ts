/** The audit in the browser: what may be drawn, and one text to judge without any verdict. */

import { FINISH_REASONS } from '../core/completion.ts'
import { DISPOSITIONS } from '../core/trace.ts'
import { VERDICT_KINDS } from '../core/verdict.ts'
import { buildStrata, isInAcceptedSet, type Stratum } from '../run/strata.ts'
import type { Store } from '../store/store.ts'
import type { AuditItem } from './audit-wire.ts'
import { type Columns, NONE } from './columns.ts'
import { shortened } from './trace.ts'

/** The strata of an audit, without reading the database: one walk over columns of numbers, a name read once for each stratum. */
export function auditStrata({ count, ids, facets }: Columns): Stratum[] {
  const strata = buildStrata()
  const { purpose, verdict, rule, level, finish, disposition } = facets
  const train = purpose.values.indexOf('train')
  const kinds = verdict.values.map((value) => VERDICT_KINDS.find((each) => each === value))
  const fates = disposition.values.map((value) => DISPOSITIONS.find((each) => each === value) ?? null)
  const ends = finish.values.map((value) => FINISH_REASONS.find((each) => each === value) ?? 'stop')
  const adders = new Map<number, (id: number, isAccepted: boolean) => void>()
  for (let place = 0; place < count; place++) {
    const kind = kinds[verdict.codes[place] ?? 0]
    if (purpose.codes[place] !== train || kind === undefined) continue
    const [ruleCode, levelCode] = [rule.codes[place] ?? 0, level.codes[place] ?? 0]
    const code = ((verdict.codes[place] ?? 0) * rule.values.length + ruleCode) * level.values.length + levelCode
    let add = adders.get(code)
    if (add === undefined) {
      const written = level.values[levelCode] ?? NONE
      add = strata.of(kind, written === NONE ? null : written, rule.values[ruleCode] ?? NONE)
      adders.set(code, add)
    }
    const [fate, end] = [fates[disposition.codes[place] ?? 0] ?? null, ends[finish.codes[place] ?? 0] ?? 'stop']
    add(ids[place] ?? 0, isInAcceptedSet({ kind, disposition: fate, finishReason: end }))
  }
  return strata.all()
}

/** undefined where there is no such trace. */
export function auditItem(store: Store, id: number): AuditItem | undefined {
  const item = store.verdicts.text(id)
  return item && { ...item, text: shortened(item.text), characters: item.text.length }
}

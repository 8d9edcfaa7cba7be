/** The audit in the browser: what may be drawn, and one text to judge without any verdict. */

import { FINISH_REASONS } from '../core/completion.ts'
import { DISPOSITIONS } from '../core/trace.ts'
import { VERDICT_KINDS } from '../core/verdict.ts'
import type { Store } from '../store/store.ts'
import type { VerifiedKey } from '../store/verdicts.ts'
import type { AuditItem } from './audit-wire.ts'
import { type Columns, NONE } from './columns.ts'
import { shortened } from './trace.ts'

/** Verified completions drawn for training, as an audit's strata are made of, without reading the database. */
export function* auditKeys({ count, ids, facets }: Columns): Generator<VerifiedKey> {
  const written = (name: keyof typeof facets, place: number): string =>
    facets[name].values[facets[name].codes[place] ?? 0] ?? NONE
  for (let place = 0; place < count; place++) {
    if (written('purpose', place) !== 'train') continue
    const verdict = written('verdict', place)
    const kind = VERDICT_KINDS.find((each) => each === verdict)
    if (kind === undefined) continue
    const [level, finish, fate] = [written('level', place), written('finish', place), written('disposition', place)]
    yield {
      id: ids[place] ?? 0,
      level: level === NONE ? null : level,
      kind,
      rule: written('rule', place),
      disposition: DISPOSITIONS.find((each) => each === fate) ?? null,
      finishReason: FINISH_REASONS.find((each) => each === finish) ?? 'stop',
    }
  }
}

/** undefined where there is no such trace. */
export function auditItem(store: Store, id: number): AuditItem | undefined {
  const item = store.verdicts.text(id)
  return item && { ...item, text: shortened(item.text), characters: item.text.length }
}

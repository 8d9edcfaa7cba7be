/** What people say of single traces: right, wrong or unclear, with a note; blind where they saw no verdict. */

import { LABELS, type Label, type TraceLabel } from '../core/label.ts'
import type { Db } from './open.ts'

export interface LabelQueries {
  /** Labels of one trace, a blind one first. */
  of(completion: number): TraceLabel[]
  /** All, by trace; a blind one before one that is not. */
  all(): TraceLabel[]
  /** Writes a label in the place of an earlier one of its kind (blind or not). @returns false where there is no such trace */
  put(label: TraceLabel): boolean
  remove(completion: number, blind: boolean): void
  /** Grows with every label that is written: equal stamps, equal labels. */
  stamp(): string
  count(): number
}

interface RawLabel extends Omit<TraceLabel, 'blind' | 'note'> {
  readonly blind: number
  readonly note: string | null
}

export function labelQueries(db: Db): LabelQueries {
  const columns = 'completion as trace, blind, label, note, at'
  const of = db.prepare<[number], RawLabel>(`select ${columns} from label where completion = ? order by blind desc`)
  const all = db.prepare<[], RawLabel>(`select ${columns} from label order by completion, blind desc`)
  const exists = db.prepare<[number], number>('select 1 from completion where id = ?').pluck()
  const put = db.prepare(`
    insert into label (completion, blind, label, note, at) values (:trace, :blind, :label, :note, :at)
    on conflict (completion, blind) do update set label = :label, note = :note, at = :at`)
  const remove = db.prepare('delete from label where completion = ? and blind = ?')
  const stamp = db
    .prepare<[], string>(
      "select count(*) || '/' || coalesce(max(at), 0) || '/' || coalesce(sum(at % 1000003), 0) from label",
    )
    .pluck()
  const count = db.prepare<[], number>('select count(*) from label').pluck()
  const putOne = db.transaction((label: TraceLabel): boolean => {
    if (exists.get(label.trace) !== 1) return false
    put.run({ ...label, blind: label.blind ? 1 : 0, note: label.note ?? null })
    return true
  })
  return {
    of: (completion) => of.all(completion).map(toLabel),
    all: () => all.all().map(toLabel),
    put: (label) => putOne.immediate(label),
    remove: (completion, blind) => void remove.run(completion, blind ? 1 : 0),
    stamp: () => stamp.get() ?? '',
    count: () => count.get() ?? 0,
  }
}

function toLabel({ label, note, blind, ...rest }: RawLabel): TraceLabel {
  const known: Label | undefined = LABELS.find((each) => each === label)
  return { ...rest, label: known ?? 'unclear', note: note ?? undefined, blind: blind === 1 }
}

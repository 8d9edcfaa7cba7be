/** The members of a fleet step by step, so that a later process finds the servers that an earlier one has started. */

import type { FleetJournal, FleetMember, MemberStep } from '../../core/fleet.ts'
import type { Db } from '../open.ts'

export interface FleetQueries extends FleetJournal {
  /** Every step, in order. */
  all(): FleetMember[]
}

interface RawMember {
  readonly key: string
  readonly name: string
  readonly weights: string
  readonly step: MemberStep
  readonly handle: string | null
  readonly address: string | null
}

export function fleetQueries(db: Db): FleetQueries {
  const columns = 'key, name, weights, step, handle, address'
  const all = db.prepare<[], RawMember>(`select ${columns} from fleet_step order by id`)
  const last = db.prepare<[], RawMember>(
    `select ${columns} from fleet_step where id in (select max(id) from fleet_step group by key) and step != 'ended' order by id`,
  )
  const count = db.prepare<[], { count: number }>('select count(distinct key) as count from fleet_step')
  const record = db.prepare(
    'insert into fleet_step (at, key, name, weights, step, handle, address) values (:at, :key, :name, :weights, :step, :handle, :address)',
  )
  return {
    all: () => all.all().map(toMember),
    members: () => last.all().map(toMember),
    count: () => count.get()?.count ?? 0,
    record: ({ handle, address, ...row }) =>
      void record.run({
        ...row,
        at: Date.now(),
        handle: handle ? JSON.stringify(handle) : null,
        address: address ? JSON.stringify(address) : null,
      }),
  }
}

function toMember({ handle, address, ...row }: RawMember): FleetMember {
  return {
    ...row,
    handle: handle === null ? undefined : (JSON.parse(handle) as FleetMember['handle']),
    address: address === null ? undefined : (JSON.parse(address) as FleetMember['address']),
  }
}

/**
 * The statistics against simulation: what intervals cover, what the gate lets through and catches, what a cost to a target owes to how
 * often one looks. Each part prints today's rule next to the one it took the place of.
 *
 *     node bench/statistics.ts [--only intervals,gate,power,sequential,cost] [--runs 2000]
 */

import { parseArgs } from 'node:util'
import { costToTarget } from './statistics/cost.ts'
import { gateErrors } from './statistics/gate.ts'
import { intervals } from './statistics/intervals.ts'
import { gatePower } from './statistics/power.ts'
import { sequentialGate } from './statistics/sequential.ts'

const PARTS = {
  intervals,
  gate: gateErrors,
  power: gatePower,
  sequential: sequentialGate,
  cost: costToTarget,
} satisfies Record<string, (runs: number) => Iterable<string>>

const { values } = parseArgs({ options: { only: { type: 'string' }, runs: { type: 'string', default: '2000' } } })
const wanted = values.only?.split(',') ?? Object.keys(PARTS)
for (const [name, part] of Object.entries(PARTS)) {
  if (!wanted.includes(name)) continue
  for (const line of part(Number(values.runs))) console.log(line)
  console.log()
}

/**
 * Counts every number of a stored run's status a second time, from the raw rows, and names those that differ.
 *
 *     node bench/recount.ts runs/NAME
 */

import { readStatus } from '../src/run/status.ts'
import { recount } from './recount/recount.ts'

const [directory] = process.argv.slice(2)
if (directory === undefined) {
  console.error('Name a run folder: node bench/recount.ts runs/NAME')
  process.exit(2)
}
const { compared, differences } = recount(directory, JSON.parse(JSON.stringify(readStatus(directory))))
console.log(`${compared} numbers compared, ${differences.length} differ`)
for (const { path, said, counted } of differences) console.log(`  ${path}: said ${said}, counted ${counted}`)
process.exit(differences.length === 0 ? 0 : 1)

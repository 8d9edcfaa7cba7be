/** How npm start ends: the table, the gain, what to do next, and once where the report is. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Ended } from '../../loop/command.ts'
import { createWorkplace, type Workplace } from '../../loop/workplace.ts'

const SETS = [
  'budget.iterations=1',
  'budget.policy.initial=60',
  'problems.evaluate.0.count=60',
  'problems.gate.0.count=60',
  'gate.onFail=continue',
]
const START = ['quickstart', '--dir', 'toy', ...SETS.flatMap((set) => ['--set', set])]

let place: Workplace
beforeAll(() => {
  place = createWorkplace()
})
afterAll(() => place.remove())

function expectEnd({ code, stdout, stderr }: Ended): void {
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'toy/report.html\n' })
  const end = stderr.slice(stderr.indexOf('\nt  state'))
  expect(end).toMatch(/^\nt {2}state +n_t +accepted .*\n– {2}base .*\n0 {2}done +60 +60 /)
  expect(end).toMatch(
    /\n\n(No clear change: a|A)ccuracy at temperature 1 .* from [\d.]+% to [\d.]+% [\s\S]*for a cost of [\d,]+\.\n/,
  )
  expect(end).toMatch(/\nNext:\n {2}\S.* view toy --open .*\n {2}\S.* init my-run .*\n\nReport: $/)
  expect(stderr).not.toContain('report.html')
}

test('it ends so, and so does looking at it again', async () => {
  expectEnd(await place.run(START))
  const again = await place.run(START)
  expect(again.stderr).toMatch(/^This run is finished; npm start -- --fresh starts over\.\n/)
  expectEnd(again)
  const quiet = await place.run([...START, '--quiet'])
  expect(quiet).toMatchObject({ code: 0, stdout: 'toy/report.html\n' })
})

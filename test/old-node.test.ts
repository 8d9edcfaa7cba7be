import { expect, test } from 'vitest'
import { refuseOldNode } from './old-node.ts'

test.each(['20.20.0', '22.18.0', '18.0.0'])('Node %s is refused in one sentence', (version) => {
  expect(() => refuseOldNode(version)).toThrow(/^The tests need Node >=22\.19 and this is \d+\.\d+\.\d+; run them with/)
})

test.each(['22.19.0', '22.20.1', '24.0.0', '30.1.2'])('Node %s will do', (version) => {
  expect(() => refuseOldNode(version)).not.toThrow()
})

/** Which addresses are this machine's own, and so never go through a proxy. */

import { expect, test } from 'vitest'
import { isLoopback } from '../../../src/sample/protocol/dispatcher.ts'

test.each(['localhost', 'LOCALHOST', 'model.localhost', '[::1]', '::1', '127.0.0.1', '127.0.12.255'])(
  '%s is',
  (name) => {
    expect(isLoopback(name)).toBe(true)
  },
)

test.each(['localhost.example', 'notlocalhost', '127.0.0.1.example.com', '127.0.0', '10.0.0.1', '[::2]'])(
  '%s is not',
  (name) => {
    expect(isLoopback(name)).toBe(false)
  },
)

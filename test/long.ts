/**
 * Tests that may take longer than the others: they start whole runs, servers and trainers, or train the toy model. Ten minutes is no
 * time that one needs, but one that a machine ten times slower for a moment does not reach. Any other test that hangs ends after 90 s.
 */

import { expect, vi } from 'vitest'

const LONG = [
  'test/loop/',
  'test/commands/',
  'test/docs/',
  'test/embedded/',
  'test/serve/',
  'test/train/',
  'test/view/',
  'test/problems/symbolic/',
  'test/config/',
  'test/sample/',
  'test/verify/',
  'test/simulate/',
  'test/core/budget/',
]

const path = expect.getState().testPath?.replaceAll('\\', '/') ?? ''
if (LONG.some((part) => path.includes(`/${part}`))) vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

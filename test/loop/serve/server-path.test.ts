/** Disks that are mounted elsewhere on the server's machine. */

import { expect, test } from 'vitest'
import { mapPath } from '../../../src/loop/serve/server-path.ts'

const MAP = [
  { here: '/data', there: '/mnt/nfs/data' },
  { here: '/data/runs/fast', there: '/scratch/' },
  { here: 'runs', there: '/shared/runs' },
]

test.each([
  ['/data/runs/a/checkpoints/00', '/mnt/nfs/data/runs/a/checkpoints/00'],
  ['/data', '/mnt/nfs/data'],
  ['/data/runs/fast/01', '/scratch/01'],
  ['/project/runs/b', '/shared/runs/b'],
  ['/database/x', '/database/x'],
  ['/elsewhere', '/elsewhere'],
])('%s is %s there', (here, there) => {
  expect(mapPath(MAP, '/project', here)).toBe(there)
})

test('the root may be mapped as a whole', () => {
  expect(mapPath([{ here: '/', there: '/host' }], '/project', '/a/b')).toBe('/host/a/b')
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hashCheckpoint } from '../../src/embedded/model/checkpoint.ts'

test('the shipped base is what its script makes, bit by bit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'base-'))
  try {
    const out = join(folder, 'base')
    execFileSync(process.execPath, ['scripts/make-base-checkpoint.ts', '--out', out], { stdio: 'ignore' })
    const shipped = fileURLToPath(new URL('../../assets/embedded/base', import.meta.url))
    expect(hashCheckpoint(out)).toBe(hashCheckpoint(shipped))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

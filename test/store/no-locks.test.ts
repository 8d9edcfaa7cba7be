/** A file system without locks, by a shim in front of the C library. */

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from './hand-made-run.ts'
import { isShimPossible, withoutLocks } from './lockless.ts'

test.skipIf(!isShimPossible)(
  `locks that are refused are told from locks that are held${isShimPossible ? '' : ' (skipped: no cc here)'}`,
  () => {
    const folder = temporaryFolder()
    const lock = fileURLToPath(new URL('../../src/store/lock.ts', import.meta.url))
    const text = `import { acquireLock } from ${JSON.stringify(lock)}
try { acquireLock(process.argv[1]); console.log('locked') } catch (error) { console.log(error.message) }`
    const take = (env: NodeJS.ProcessEnv): string =>
      spawnSync(process.execPath, ['--input-type=module', '-e', text, join(folder, 'lock.sqlite')], {
        encoding: 'utf8',
        env: { ...process.env, ...env },
      }).stdout.trim()
    expect(take({})).toBe('locked')
    const said = take(withoutLocks(folder))
    expect(said).toMatch(
      /^The file system.* refuses file locks, without which two runs could write to one database; .*--database DIR .*--dir\.$/,
    )
    expect(said).toContain(folder)
    expect(readdirSync(folder).filter((name) => name.includes('trial'))).toEqual([])
  },
)

/** A file system without locks, by a shim in front of the C library that refuses them as such a system does (ENOLCK). */

import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from './hand-made-run.ts'

const SHIM = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int answer(const char *name, int fd, int cmd, void *arg) {
  if (cmd == F_SETLK || cmd == F_SETLKW) { errno = ENOLCK; return -1; }
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
  return real(fd, cmd, arg);
}
int fcntl(int fd, int cmd, ...) { va_list l; va_start(l, cmd); void *a = va_arg(l, void *); va_end(l); return answer("fcntl", fd, cmd, a); }
int fcntl64(int fd, int cmd, ...) { va_list l; va_start(l, cmd); void *a = va_arg(l, void *); va_end(l); return answer("fcntl64", fd, cmd, a); }
`
const isThere = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

test.skipIf(!isThere)(
  `locks that are refused are told from locks that are held${isThere ? '' : ' (skipped: no cc here)'}`,
  () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'shim.c'), SHIM)
    const shim = join(folder, 'shim.so')
    expect(spawnSync('cc', ['-shared', '-fPIC', '-o', shim, join(folder, 'shim.c'), '-ldl']).status).toBe(0)
    const lock = fileURLToPath(new URL('../../src/store/lock.ts', import.meta.url))
    const text = `import { acquireLock } from ${JSON.stringify(lock)}
try { acquireLock(process.argv[1]); console.log('locked') } catch (error) { console.log(error.message) }`
    const take = (env: NodeJS.ProcessEnv): string =>
      spawnSync(process.execPath, ['--input-type=module', '-e', text, join(folder, 'lock.sqlite')], {
        encoding: 'utf8',
        env: { ...process.env, ...env },
      }).stdout.trim()
    expect(take({})).toBe('locked')
    const said = take({ LD_PRELOAD: shim })
    expect(said).toMatch(
      /^The file system.* refuses file locks, without which two runs could write to one database; .*--dir\.$/,
    )
    expect(said).toContain(folder)
    expect(readdirSync(folder).filter((name) => name.includes('trial'))).toEqual([])
  },
)

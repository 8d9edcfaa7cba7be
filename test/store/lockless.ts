/** A shim in front of the C library that refuses file locks as a file system without them does (ENOLCK). */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCE = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int isBelow(int fd) {
  const char *folder = getenv("LOCKLESS_BELOW");
  if (!folder) return 1;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}
static int answer(const char *name, int fd, int cmd, void *arg) {
  if ((cmd == F_SETLK || cmd == F_SETLKW) && isBelow(fd)) { errno = ENOLCK; return -1; }
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
  return real(fd, cmd, arg);
}
int fcntl(int fd, int cmd, ...) { va_list l; va_start(l, cmd); void *a = va_arg(l, void *); va_end(l); return answer("fcntl", fd, cmd, a); }
int fcntl64(int fd, int cmd, ...) { va_list l; va_start(l, cmd); void *a = va_arg(l, void *); va_end(l); return answer("fcntl64", fd, cmd, a); }
`

export const isShimPossible: boolean = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

/**
 * @param folder where it is built
 * @param below files below this folder have no locks; all, where it is left out
 * @returns environment of a process without them
 */
export function withoutLocks(folder: string, below?: string): Record<string, string> {
  const [source, shim] = [join(folder, 'shim.c'), join(folder, 'shim.so')]
  writeFileSync(source, SOURCE)
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', shim, source, '-ldl'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return { LD_PRELOAD: shim, ...(below !== undefined && { LOCKLESS_BELOW: below }) }
}

/** A real browser for the viewer's tests: Debian's Chromium, driven by playwright-core, which brings none of its own. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'] as const

/** Path of the browser; undefined where there is none. */
export function chromiumPath(): string | undefined {
  return PROGRAMS.find((program) => existsSync(program))
}

/** Installs it where that is allowed. @returns why there is no browser here; undefined when there is one */
export function ensureChromium(): string | undefined {
  if (chromiumPath()) return undefined
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    return 'there is no Chromium, and no apt-get to install it'
  if (process.getuid?.() !== 0) return 'there is no Chromium, and installing it needs root'
  const apt = (...args: readonly string[]) =>
    spawnSync('apt-get', [...args], {
      stdio: ['ignore', 'ignore', 'ignore'],
      timeout: 170_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status
  apt('update', '-qq')
  if (apt('install', '-y', '-qq', '--no-install-recommends', 'chromium') !== 0 || !chromiumPath())
    return 'Chromium could not be installed: apt-get install chromium failed'
  return undefined
}

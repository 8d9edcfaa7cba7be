import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import type { InferenceServer } from '../../src/core/server.ts'
import { findOwned, type ProcessIdentity } from '../../src/process/owned.ts'
import { createRestartServer, type RestartOptions } from '../../src/serve/restart.ts'
import { createSetting, removeSetting, restartOptions, type Setting } from './hand-over.ts'

export const NEVER = new AbortController().signal
export const onLinux = process.platform === 'linux'

export async function newSetting(): Promise<Setting> {
  const setting = await createSetting()
  onTestFinished(() => removeSetting(setting))
  return setting
}

/** A server that is released with the test. */
export function createServing(setting: Setting, changes: Partial<RestartOptions> = {}): InferenceServer {
  const server = createRestartServer(restartOptions(setting, changes))
  onTestFinished(() => server.release())
  return server
}

/** The process that serves this setting's run, where the system lets us look. */
export function serverProcess({ folder }: Setting): ProcessIdentity | undefined {
  return findOwned(`${folder}#serve`)
}

export function isPortFree({ port }: Setting): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

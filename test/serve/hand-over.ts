/** What the hand-over's tests share: a free port, checkpoints, and the options of a restart server that starts the test server. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkpoint } from '../../src/core/checkpoint.ts'
import type { HandOverJournal } from '../../src/core/server.ts'
import { probeOneToken } from '../../src/sample/server/questions.ts'
import type { RestartOptions } from '../../src/serve/restart.ts'

const SERVER = join(import.meta.dirname, '../server/main.ts')

export interface Setting {
  readonly folder: string
  readonly port: number
  readonly name: string
}

export async function createSetting(): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-serve-'))
  return { folder, port: await freePort(), name: 'run' }
}

export function removeSetting({ folder }: Setting): void {
  rmSync(folder, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** A checkpoint as the loop would hand it over; its directory exists. */
export function checkpointOf({ folder }: Setting, iteration: number, attempt = 0): Checkpoint {
  const path = join(folder, `checkpoint-${iteration}-${attempt}`)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'skill.json'), '{"skill":1}')
  return { iteration, attempt, kind: 'full', path, hash: `sha256:${iteration}-${attempt}` }
}

/** The test server as `serve.command`, with more of its flags. */
export function serveCommand(...flags: readonly string[]): string[] {
  return [
    process.execPath,
    SERVER,
    ...['--port', '{port}'],
    ...['--checkpoint', '{checkpoint}'],
    ...['--served-model-name', '{name}'],
    ...flags,
  ]
}

export function restartOptions(setting: Setting, changes: Partial<RestartOptions> = {}): RestartOptions {
  const baseURL = `http://127.0.0.1:${setting.port}/v1`
  return {
    command: serveCommand(),
    cwd: setting.folder,
    log: join(setting.folder, 'server.log'),
    runMarker: setting.folder,
    baseURL,
    runName: setting.name,
    locate: (checkpoint) => checkpoint.path,
    readySeconds: 60,
    stopSeconds: 10,
    memory: undefined,
    journal: createFileJournal(setting),
    probe: async (model, signal) => void (await probeOneToken(endpointOf(setting), model, signal)),
    ...changes,
  }
}

export function endpointOf({ port }: Setting): { baseURL: string; apiKey: undefined; apiKeyEnv: undefined } {
  return { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, apiKeyEnv: undefined }
}

/** In the setting's folder, so that a later process reads what an earlier one has written. */
function createFileJournal({ folder }: Setting): HandOverJournal {
  const path = join(folder, 'hand-over.json')
  return {
    last: () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined),
    record: (handOver) => writeFileSync(path, JSON.stringify(handOver)),
  }
}

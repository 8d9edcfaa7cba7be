/** Test servers that take new weights in place, of our own and of somebody else, and the engines that drive them. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Checkpoint } from '../../src/core/checkpoint.ts'
import type { Canary } from '../../src/core/measure/canary.ts'
import type { HandOverJournal, InferenceServer } from '../../src/core/server.ts'
import { readLogprobs, readWeightVersion } from '../../src/sample/server/weights.ts'
import { createMemoryJournal } from '../../src/serve/memory-journal.ts'
import { createReloadServer, type ReloadOptions } from '../../src/serve/reload.ts'
import { createRestartServer } from '../../src/serve/restart.ts'
import { type DevelopmentOptions, promptLogprobs } from '../server/development.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { createSetting, removeSetting, restartOptions, type Setting, serveCommand } from './hand-over.ts'

export const NEVER = new AbortController().signal
export const MODEL = 'run'

/** Skills of the base and of each checkpoint. */
export const SKILLS = [0, 1, 1.5, 2.5]

export function checkpointIn(folder: string, iteration: number): Checkpoint {
  const path = join(folder, `weights-${iteration}`)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'skill.json'), JSON.stringify({ skill: skillOf(iteration) }))
  return { iteration, attempt: 0, kind: 'full', path, hash: hashOf(iteration) }
}

export const skillOf = (iteration: number): number => SKILLS[iteration + 1] ?? Number.NaN
export const hashOf = (iteration: number): string => `sha256:${iteration}`

export const TOKENS = [Array.from({ length: 150 }, (_, i) => i % 40), [7, 8, 9]]

/** As a trainer measures: the same weights, rounded otherwise. */
export function trained({ iteration }: Checkpoint): Canary | undefined {
  if (iteration < 0) return undefined
  const of = (skill: number) => TOKENS.map((tokens) => promptLogprobs(tokens, skill).map((value) => value + 0.001))
  return {
    tokens: TOKENS,
    logprobs: of(skillOf(iteration)),
    before: of(skillOf(iteration - 1)),
    startedFrom: hashOf(iteration - 1),
  }
}

export const untold = (): undefined => undefined

export const endpointOf = ({ baseURL }: { baseURL: string }) => ({ baseURL, apiKey: undefined, apiKeyEnv: undefined })

export interface Own {
  readonly server: InferenceServer
  readonly journal: HandOverJournal
  readonly notes: string[]
  readonly at: (iteration: number) => Checkpoint
  /** The process that serves. */
  readonly pid: () => number | undefined
  readonly setting: Setting
  readonly serve: (iteration: number) => ReturnType<InferenceServer['serve']>
}

/** A server that spendwise starts; `again` continues with an earlier one's folder and journal. */
export async function ownServer(
  options: { flags?: readonly string[]; canaryOf?: ReloadOptions['canaryOf']; isTied?: boolean; again?: Own } = {},
): Promise<Own> {
  const { flags = [], canaryOf = trained, isTied = false, again } = options
  const setting = again?.setting ?? (await createSetting())
  const journal = again?.journal ?? createMemoryJournal()
  const given = { journal, servedName: MODEL, command: serveCommand(...flags) }
  const restart = createRestartServer(restartOptions(setting, given))
  const notes: string[] = []
  const shared = { ...sharedOptions(notes), isTied: () => isTied }
  const server = createReloadServer({ ...shared, journal, restart, canaryOf, ...enginesOf([setting]) })
  onTestFinished(async () => {
    await server.release()
    removeSetting(setting)
  })
  const at = (iteration: number): Checkpoint => checkpointIn(setting.folder, iteration)
  const serve = (iteration: number) => server.serve(at(iteration), NEVER)
  return { server, journal, notes, at, pid: () => restart.running()?.pid, setting, serve }
}

export function enginesOf(
  places: readonly { readonly port: number }[],
): Pick<ReloadOptions, 'engines' | 'baseURL' | 'read' | 'versionOf' | 'rootOf'> {
  const engines = places.map(({ port }) => ({ baseURL: `http://127.0.0.1:${port}/v1`, authorization: 'Bearer none' }))
  return {
    engines,
    baseURL: engines[0]?.baseURL ?? '',
    rootOf: async () => undefined,
    versionOf: (engine, signal) => readWeightVersion(endpointOf(engine), signal),
    read: (engine, tokens, signal) => readLogprobs(endpointOf(engine), MODEL, tokens, signal),
  }
}

export function sharedOptions(notes: string[]) {
  const locate = ({ path }: Checkpoint): string => path
  const checkpointOf = () => undefined
  const isTied = () => false
  return {
    model: MODEL,
    locate,
    checkpointOf,
    isTied,
    loadSeconds: 20,
    onNote: (text: string) => void notes.push(text),
  }
}

export interface Others {
  readonly engines: readonly TestServer[]
  readonly notes: string[]
  readonly serve: (iteration: number) => ReturnType<InferenceServer['serve']>
  /** The same by a run that knows nothing of the first. */
  readonly serveAgain: (iteration: number) => ReturnType<InferenceServer['serve']>
}

/** As a trainer tells that computes in other precision than the server. */
export function rounded(canary: Canary | undefined): Canary | undefined {
  const off = (rows: Canary['logprobs']) => rows.map((row) => row.map((value, i) => value + (i % 2 ? 0.003 : -0.003)))
  return canary && { ...canary, logprobs: off(canary.logprobs), before: canary.before && off(canary.before) }
}

export async function othersEngines(
  each: readonly DevelopmentOptions[],
  canaryOf = trained as ReloadOptions['canaryOf'],
): Promise<Others> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-reload-'))
  const engines = await Promise.all(
    each.map((development) => createTestServer({ modelNames: [MODEL], skill: skillOf(-1), development })),
  )
  onTestFinished(async () => {
    await Promise.all(engines.map((engine) => engine.close()))
    rmSync(folder, { recursive: true, force: true })
  })
  const notes: string[] = []
  const run = (): Others['serve'] => {
    const given = { journal: createMemoryJournal(), restart: undefined, canaryOf, ...enginesOf(engines) }
    const server = createReloadServer({ ...sharedOptions(notes), ...given })
    return (iteration) => server.serve(checkpointIn(folder, iteration), NEVER)
  }
  return { engines, notes, serve: run(), serveAgain: run() }
}

/** One server of a fleet as a job: what is submitted, and where it says that it listens. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerAddress } from '../../core/fleet.ts'
import { fillPlaceholders } from '../../core/placeholders.ts'
import type { Job, JobResources } from '../../jobs/contract.ts'
import type { AddedVariables } from '../../process/environment.ts'

export interface ServerJobOptions {
  /** argv with {checkpoint}, {name} and {port}. */
  readonly command: readonly string[]
  /** `FIRST-LAST`. */
  readonly ports: string
  /** Under which name others reach the server's machine; undefined: by that machine's own. */
  readonly host: string | undefined
  /** Absolute path of recipes/serve-job.sh. */
  readonly launcher: string
  /** Run folder, and the folder in it where servers say where they are and write their logs; absolute. */
  readonly directory: string
  readonly folder: string
  readonly cwd: string
  readonly env: AddedVariables
  readonly keys: readonly string[]
  readonly resources: JobResources
  readonly stopSeconds: number
}

export function serverJob(options: ServerJobOptions, key: string, checkpoint: string, name: string): Job {
  const { command, ports, host = '-', launcher, directory, folder, cwd, env, keys, resources, stopSeconds } = options
  // Which port is free only the machine knows that the job gets.
  const argv = fillPlaceholders(command, { checkpoint, name, port: '{port}' })
  return {
    directory,
    purpose: 'serve',
    key,
    argv: ['bash', launcher, addressFile(folder, key), ports, host, ...argv],
    env,
    keys,
    cwd,
    log: logFile(folder, key),
    exitFile: join(folder, `${key}.exit`),
    resources,
    stopSeconds,
  }
}

export function logFile(folder: string, key: string): string {
  return join(folder, `${key}.log`)
}

function addressFile(folder: string, key: string): string {
  return join(folder, `${key}.json`)
}

/** What the server has said of itself; undefined as long as it has not, or where it is not to be read. */
export function readAddress(folder: string, key: string): ServerAddress | undefined {
  let text: string
  try {
    text = readFileSync(addressFile(folder, key), 'utf8')
  } catch {
    // It appears by one rename, which other machines see when their disk shows it to them.
    return undefined
  }
  const read = parsed(text)
  return typeof read === 'object' && read !== null && isAddress(read) ? read : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isAddress(value: object): value is ServerAddress {
  const { host, port, ends } = value as Partial<Record<keyof ServerAddress, unknown>>
  return typeof host === 'string' && typeof port === 'number' && (ends === null || typeof ends === 'number')
}

export function baseURLOf({ host, port }: ServerAddress): string {
  return `http://${host}:${port}/v1`
}

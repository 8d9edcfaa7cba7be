/** One file that a user can send with a report: versions, probes, the configuration without its secrets, the first errors. */

import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { keyVariables } from '../../config/key-variables.ts'
import { ConfigError, messageOf, SpendwiseError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import { endpointOf } from '../../loop/serve/endpoint.ts'
import { type FoundRun, holdsRun } from '../../run/find-run.ts'
import { FOLDER } from '../../run/folder.ts'
import { readStore } from '../../run/read-store.ts'
import { probeCapabilities } from '../../sample/server/capabilities.ts'
import { createRedactor, redactValue } from './redact.ts'
import { gpuVersions, machineVersions, serverVersions, trainerVersions } from './versions.ts'

/** Kinds of failed attempts, notes and lines of a log: the first of the ones, the last of the others. */
const FIRST_FAILURES = 30
const LAST_EVENTS = 40
const LAST_LINES = 60
const LAST_BYTES = 64_000
const PROBE_MS = 30_000

export interface BundleInput {
  readonly found: FoundRun
  readonly findings: readonly Finding[]
  /** Of spendwise. */
  readonly version: string
  readonly signal: AbortSignal
}

/**
 * Gathers and writes it, readable by its owner alone. Questions, prompts and what models wrote are left out.
 * @throws ConfigError where the file cannot be written; the signal's reason
 */
export async function writeBundle(file: string, input: BundleInput): Promise<void> {
  const { config } = input.found
  const redact = createRedactor({ env: process.env, keyVariables: keyVariables(config), home: homedir() })
  const bundle = redactValue(await gather(input), redact)
  try {
    writeFileSync(file, `${JSON.stringify(bundle, null, 2)}\n`, { mode: 0o600 })
  } catch (cause) {
    throw new ConfigError(`--bundle ${file} cannot be written (${messageOf(cause)}); name another file.`, { cause })
  }
}

async function gather({ found, findings, version, signal }: BundleInput): Promise<object> {
  const { config, directory } = found
  const [gpus, trainer, endpoints] = await Promise.all([
    gpuVersions(),
    trainerVersions(config),
    lookAtAll(found, signal),
  ])
  return {
    schema: 1,
    madeAt: new Date().toISOString(),
    versions: { spendwise: version, ...machineVersions(), gpus, trainer },
    // A detail is a prompt or a completion.
    findings: findings.map(({ level, subject, text }) => ({ level, subject, text })),
    endpoints,
    configuration: config,
    run: holdsRun(directory) ? lookAtRun(directory) : null,
    logs: logsOf(directory),
  }
}

async function lookAtAll({ config }: FoundRun, signal: AbortSignal): Promise<object[]> {
  const { api } = config.sample
  if (config.sample.kind !== 'openai') return []
  return await Promise.all(
    config.sample.endpoints.map(async (written) => {
      const endpoint = endpointOf(written)
      const probe = { api, parameters: config.sample, timeoutMs: PROBE_MS }
      const [says, capabilities] = await Promise.all([
        serverVersions(endpoint, signal),
        probeCapabilities(endpoint, written.model, probe, signal),
      ])
      return { baseURL: written.baseURL, model: written.model, says, capabilities: capabilities ?? null }
    }),
  )
}

/** What a stored run says of its troubles; a database that cannot be read is one of them. */
function lookAtRun(directory: string): object {
  try {
    return readStore(directory, (store) => ({
      state: store.run.read()?.state,
      failedAttempts: store.ledger.firstFailures(FIRST_FAILURES),
      events: lastLines(join(directory, FOLDER.events), LAST_EVENTS).filter((line) => /"(note|run-ended)"/.test(line)),
    }))
  } catch (error) {
    if (!(error instanceof SpendwiseError)) throw error
    return { unreadable: error.message }
  }
}

/** The ends of the server's and the newest iteration's logs. */
function logsOf(directory: string): Readonly<Record<string, string[]>> {
  const iterations = join(directory, 'iterations')
  const newest = existsSync(iterations) ? readdirSync(iterations).sort().at(-1) : undefined
  const trainer =
    newest === undefined
      ? []
      : readdirSync(join(iterations, newest))
          .filter((name) => name.endsWith('.log'))
          .map((name) => join('iterations', newest, name))
  const names = [FOLDER.serverLog, ...trainer].filter((name) => existsSync(join(directory, name)))
  return Object.fromEntries(names.map((name) => [name, lastLines(join(directory, name), LAST_LINES)]))
}

function lastLines(path: string, count: number): string[] {
  if (!existsSync(path)) return []
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const buffer = Buffer.alloc(Math.min(size, LAST_BYTES))
    readSync(file, buffer, 0, buffer.length, size - buffer.length)
    return buffer
      .toString()
      .split('\n')
      .slice(-count - 1)
      .filter((line) => line !== '')
  } finally {
    closeSync(file)
  }
}

/** The work behind `spendwise view`: starts the server, says where it is, and waits to be stopped. */

import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import { findStoredRun } from '../../run/find-run.ts'
import { runsIn } from '../../run/list-runs.ts'
import { startView } from '../../view/server.ts'

export interface ViewFlags {
  readonly port: number
  readonly host: string
  readonly open?: boolean
}

/** Where runs are made. */
const PARENT = 'runs'

/**
 * Serves until the process is told to stop.
 * @param write takes the one line with the address
 * @throws ConfigError where there is no run; ServerError where the port is taken
 */
export async function viewRuns(
  run: string | undefined,
  { port, host, open }: ViewFlags,
  write: (line: string) => Promise<unknown>,
): Promise<void> {
  const directory = run === undefined ? undefined : findStoredRun(run).directory
  if (directory === undefined && runsIn(PARENT).length === 0)
    throw new ConfigError(`There are no runs under ${PARENT}/; name a run folder, or make one: spendwise quickstart`)
  const onTrouble = (message: string): void => void process.stderr.write(`${message}\n`)
  const view = await startView({ parent: PARENT, run: directory, port, host, onTrouble })
  const address = directory === undefined ? view.address : toRun(view.address, basename(directory))
  await write(`${address}\n`)
  process.stderr.write('Ctrl-C stops it.\n')
  if (open) openBrowser(address)
  await stopped()
  await view.close()
}

function toRun(address: string, name: string): string {
  const url = new URL(address)
  url.pathname = `/r/${encodeURIComponent(name)}`
  return url.href
}

/** On a machine without a browser the address is enough. */
function openBrowser(address: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address]
  const child = spawn(program ?? '', args, { stdio: 'ignore', detached: true })
  child.on('error', () => process.stderr.write(`No browser could be started; open ${address}\n`))
  child.unref()
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

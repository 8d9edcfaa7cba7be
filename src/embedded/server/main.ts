/**
 * The toy model's server as a program of its own.
 *
 *     node src/embedded/server/main.ts --checkpoint DIR --served-model-name NAME --port P [--threads N]
 *
 * Prints one line when it is ready; TERM or INT ends it with code 0, bad usage is code 2.
 */

import { parseArgs } from 'node:util'
import { ConfigError, messageOf } from '../../core/errors.ts'
import { createEmbeddedServer } from './server.ts'

const BAD_USAGE = 2

try {
  const server = await createEmbeddedServer(readArguments())
  process.stdout.write(`ready at ${server.baseURL}\n`)
  // The server itself does not keep the process alive.
  const stay = setInterval(() => {}, 2 ** 30)
  const end = (): void => {
    clearInterval(stay)
    void server.close()
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof ConfigError ? BAD_USAGE : 1
}

function readArguments(): { checkpoint: string; name: string; port: number; threads: number | undefined } {
  const text = { type: 'string' } as const
  const { values } = parse({ checkpoint: text, 'served-model-name': text, port: text, threads: text })
  const { checkpoint, 'served-model-name': name = 'embedded', port = '0', threads } = values
  if (checkpoint === undefined) throw new ConfigError('--checkpoint is missing; give the directory of a checkpoint.')
  const numbers = [port, threads ?? '1'].map(Number)
  if (!numbers.every((value) => Number.isInteger(value) && value >= 0)) {
    throw new ConfigError('--port and --threads must be whole numbers.')
  }
  return { checkpoint, name, port: Number(port), threads: threads === undefined ? undefined : Number(threads) }
}

function parse<T extends Record<string, { readonly type: 'string' }>>(options: T) {
  try {
    return parseArgs({ options })
  } catch (cause) {
    throw new ConfigError(messageOf(cause), { cause })
  }
}

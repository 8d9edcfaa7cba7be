/** Options and arguments that several commands share. */

import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { ConfigError } from '../core/errors.ts'

export const RUN_ARGUMENT = 'run folder, its name under runs/, or the run.yaml it came from'

/** For options that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value]
}

/** `--database FOLDER` as the key of run.yaml that it stands for. */
export function withDatabase(sets: readonly string[] = [], folder: string | undefined): readonly string[] {
  return folder === undefined ? sets : [...sets, `database=${JSON.stringify(resolve(folder))}`]
}

/** @throws InvalidArgumentError */
export function wholeNumber(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('Give a whole number of at least 0.')
  return number
}

/** @throws InvalidArgumentError */
export function integer(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isInteger(number)) throw new InvalidArgumentError('Give a whole number.')
  return number
}

/** `0,2,5-7` as [0, 2, 5, 6, 7]. @throws InvalidArgumentError */
export function numberList(value: string): number[] {
  return value.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (!match) throw new InvalidArgumentError('Give numbers like 0,2,5-7.')
    const from = Number(match[1])
    const to = match[2] === undefined ? from : Number(match[2])
    if (to < from || to - from > 10_000) throw new InvalidArgumentError(`${part} is not a range from low to high.`)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

/** Whether colours are wanted on a stream: a terminal, and NO_COLOR not set. */
export function wantsColor(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR === undefined || process.env.NO_COLOR === '')
}

/** Columns to write in. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.max(40, stream.columns ?? 80) : 120
}

/**
 * Writes all of a result before continuing, also into a slow pipe.
 * @returns false where the reader has gone (`| head`), which is no error: it has what it wanted
 * @throws ConfigError where stdout cannot be written, as when it goes to a file on a full disk
 */
export function writeResult(text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) resolve(true)
      else if ('code' in error && GONE.has(error.code)) resolve(false)
      else
        reject(
          new ConfigError(`The result cannot be written to stdout (${error.message}); send it elsewhere.`, {
            cause: error,
          }),
        )
    })
  })
}

/** What a write meets when nobody reads any more: the first time, and ever after. */
const GONE: ReadonlySet<unknown> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED'])

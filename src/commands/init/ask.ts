/** The questions of `spendwise init` at a terminal, each with an answer to take by Enter. */

import { createInterface } from 'node:readline/promises'
import { ConfigError, Interrupted } from '../../core/errors.ts'
import { visible } from '../../report/visible.ts'

export interface Asker {
  /**
   * Asks until the answer is one.
   * @param read gives the answer; what it throws as a ConfigError is said, and the question asked again
   * @throws Interrupted where no server answers any more
   */
  ask<T>(question: string, suggested: string, read: (answer: string) => T): Promise<T>
  end(): void
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

export function createAsker({ input, output }: Terminal): Asker {
  const lines = createInterface({ input, output, terminal: 'isTTY' in output && output.isTTY === true })
  const closed = new AbortController()
  const gone = (): void => closed.abort()
  lines.once('close', gone)
  lines.on('SIGINT', () => lines.close())
  return {
    async ask(question, suggested, read) {
      for (;;) {
        const answer = await lines
          .question(`${question}${suggested === '' ? '' : ` [${suggested}]`}: `, { signal: closed.signal })
          .catch(() => {
            throw new Interrupted('Interrupted; nothing was written.')
          })
        try {
          return read(answer.trim() === '' ? suggested : answer.trim())
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
          output.write(`${visible(error.message.replace(/^--[\w-]+\s+/, ''))}\n`)
        }
      }
    },
    end() {
      lines.off('close', gone)
      lines.close()
    },
  }
}

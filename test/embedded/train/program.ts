/** What the tests of the trainer share: a small base, a small dataset, and the program run as its own process. */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createVocabulary } from '../../../scripts/vocabulary.ts'
import { writeCheckpoint } from '../../../src/embedded/model/checkpoint.ts'
import { initialParameters } from '../../../src/embedded/model/model.ts'

const PROGRAM = fileURLToPath(new URL('../../../src/embedded/train/main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly events: readonly Readonly<Record<string, unknown>>[]
  readonly stderr: string
}

export function writeBase(directory: string): void {
  const vocabulary = createVocabulary([' apples'])
  const shape = { vocabulary: vocabulary.length, width: 32, layers: 2, heads: 2, hidden: 64, context: 48 }
  writeCheckpoint(directory, { shape, vocabulary, parameters: initialParameters(shape, 1), optimizer: undefined })
}

export function row(question: string, answer: string): string {
  const prompt = [{ role: 'user', content: question }]
  return JSON.stringify({ prompt, completion: [{ role: 'assistant', content: answer }] })
}

export function writeDataset(path: string, rows = 50): string {
  const lines = Array.from({ length: rows }, (_, i) =>
    row(`${i % 9} apples and ${i % 7}?`, `#### ${(i % 9) + (i % 7)}`),
  )
  writeFileSync(path, `${lines.join('\n')}\n`)
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** Told of each event; may send the trainer a signal, or close the pipes that it writes to. */
type OnEvent = (
  event: Readonly<Record<string, unknown>>,
  kill: (signal: NodeJS.Signals) => void,
  deafen: () => void,
) => void

/** Runs the trainer to its end; `onEvent` may send it a signal on the way. */
export function runTrainer(
  folder: string,
  flags: Readonly<Record<string, string | number>>,
  onEvent: OnEvent = () => {},
): Promise<Ended> {
  const given = { 'base-model': join(folder, 'base'), dataset: join(folder, 'data.jsonl'), ...flags }
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const events: Record<string, unknown>[] = []
  let stderr = ''
  let pending = ''
  const deafen = (): void => {
    child.stdout.destroy()
    child.stderr.destroy()
  }
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdout.on('data', (chunk) => {
    const lines = (pending + chunk).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines.filter((text) => text.startsWith('@@sft '))) {
      const event = JSON.parse(line.slice(6))
      events.push(event)
      onEvent(event, (signal) => child.kill(signal), deafen)
    }
  })
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, events, stderr })))
}

/**
 * The toy model's training program, under the same contract as a real one.
 *
 *     node src/embedded/train/main.ts --base-model DIR --dataset FILE.jsonl --output-dir DIR --epochs 1 --lr 1e-3
 *
 * Progress on stdout as lines `@@sft {json}`; the sentence for people on stderr. Exit codes: 0 done (also when done
 * before), 2 bad input, 3 training failed, 75 stopped by TERM or INT with its state saved: the same command resumes it.
 */

import { ConfigError, messageOf } from '../../core/errors.ts'
import { parseTrainArguments } from './arguments.ts'
import { runTrainJob } from './job.ts'

const EXIT_CODES = { done: 0, badInput: 2, failed: 3, stopped: 75 } as const

// Who started the job may die before it ends; it continues and has nobody to tell.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const controller = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => controller.abort())

function tell(event: object): void {
  process.stdout.write(`@@sft ${JSON.stringify(event)}\n`)
}

try {
  const outcome = await runTrainJob(parseTrainArguments(process.argv.slice(2)), tell, controller.signal)
  process.exitCode = EXIT_CODES[outcome]
} catch (error) {
  const message = messageOf(error)
  tell({ event: 'error', message })
  process.stderr.write(`${message}\n`)
  process.exitCode = error instanceof ConfigError ? EXIT_CODES.badInput : EXIT_CODES.failed
}

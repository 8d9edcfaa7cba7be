/** The part of the real-stack tests with llama.cpp's server: the third one, started on every checkpoint, with TRL. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allHold, failed, type Outcome } from './outcome.ts'
import { stackPython } from './python.ts'
import { freePort, MODEL, openLoop, recipeCommand } from './real-loop.ts'
import { endOf, isPortFree, leftOf } from './vllm/server.ts'

const SERVER = fileURLToPath(new URL('llama_server.py', import.meta.url))

export async function llamacppPart(): Promise<Outcome> {
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const program = python.program('python')
  const port = await freePort()
  const serve = [program, SERVER, '{checkpoint}', '.', '{port}', '{name}']
  const loop = openLoop(
    `name: small
base: ${MODEL}
problems:
  train: [{ dataset: steps, level: main, count: 400 }]
  evaluate: [{ dataset: steps, level: main, count: 40 }]
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }], maxTokens: 64, concurrency: 8 }
budget: { policy: { kind: constant, initial: 30 }, iterations: 2 }
evaluate: { greedy: false }
train: { kind: command, command: ${JSON.stringify([program, ...recipeCommand()])}, env: { OMP_NUM_THREADS: "1" }, batch: 10, epochs: 4, lr: 1.0e-4 }
serve: { kind: restart, share: train, readySeconds: 120, command: ${JSON.stringify(serve)} }
`,
    { SPENDWISE_NO_CACHE: '1' },
  )
  try {
    const doctor = await loop.command(['doctor', 'run.yaml', '--json'])
    const run = await loop.run()
    if (run.code !== 0) {
      return failed(`the run ended with ${run.code}: ${run.stderr}${endOf(join(loop.directory, 'server.log'))}`)
    }
    const { state, iterations } = loop.status()
    return allHold([
      [`doctor finds nothing to fix (${doctor.code}: ${doctor.stdout})`, doctor.code === 0],
      ['two iterations are done', state === 'done'],
      ['n_t was met in both', iterations.map(({ accepted }) => accepted).join() === '30,30'],
      ['no process is left', leftOf(loop).length === 0],
      ['the port is free again', await isPortFree(port)],
    ])
  } finally {
    loop.remove()
  }
}

/**
 * The test server as a process of its own, as the `restart` hand-over starts it.
 *
 *     node test/server/main.ts --port 8000 --served-model-name base --checkpoint DIR --problems gsm8k.jsonl --seed 1 \
 *       --fault-5xx 0.05 --fault-429 0.05 --hang 0.01 --cut 0.01 --malformed 0.01 --truncate 0.02
 *
 * One line on stdout when it listens; TERM ends it with 0. Exit 1: it could not start.
 */

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ERROR_SHAPES, type FaultRates } from './faults.ts'
import { createTestServer } from './openai-server.ts'
import { readProblems } from './problem-book.ts'
import type { RateLimit } from './rate-limit.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    /** It listens on loopback alone, whatever is asked for. */
    host: { type: 'string' },
    'served-model-name': { type: 'string', multiple: true, default: ['test-model'] },
    checkpoint: { type: 'string' },
    skill: { type: 'string' },
    problems: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '0' },
    'api-key': { type: 'string' },
    'fault-5xx': { type: 'string' },
    'fault-500': { type: 'string' },
    'fault-503': { type: 'string' },
    'fault-429': { type: 'string' },
    reset: { type: 'string' },
    'faults-come': { type: 'string' },
    'rate-limit': { type: 'string' },
    'rate-limit-form': { type: 'string', default: 'bucket' },
    hang: { type: 'string' },
    cut: { type: 'string' },
    malformed: { type: 'string' },
    'wrong-type': { type: 'string' },
    'empty-choices': { type: 'string' },
    'max-faults': { type: 'string' },
    reject: { type: 'string' },
    truncate: { type: 'string' },
    'no-answer': { type: 'string' },
    'retry-after': { type: 'string', default: '0' },
    'retry-after-form': { type: 'string', default: 'seconds' },
    'error-shape': { type: 'string', default: 'openai' },
    'max-model-len': { type: 'string' },
    'strict-fields': { type: 'boolean', default: false },
    /** Takes anything; without it what vLLM refuses is refused. */
    lenient: { type: 'boolean', default: false },
    'latency-ms': { type: 'string' },
    'latency-sigma': { type: 'string' },
    'ms-per-token': { type: 'string' },
    'service-rate': { type: 'string' },
    trickle: { type: 'boolean', default: false },
    /** Share of the old weights that a reload leaves in place. */
    'reload-leaves': { type: 'string' },
    /** No development routes. */
    'no-development': { type: 'boolean', default: false },
    engines: { type: 'string' },
    /** Milliseconds during which nothing listens yet, as while weights are loaded. */
    'load-ms': { type: 'string', default: '0' },
    /** Dies by KILL after so many answers, and does so twice for each of its checkpoints, as it notes in a file. */
    'die-after': { type: 'string' },
    deaths: { type: 'string', default: 'deaths.txt' },
    /** Dies with this code instead of listening. */
    'fail-start': { type: 'string' },
  },
})

process.on('SIGTERM', () => process.exit(0))
process.on('SIGINT', () => process.exit(0))

try {
  await new Promise((resolve) => setTimeout(resolve, Number(values['load-ms'])))
  if (values['fail-start'] !== undefined) {
    console.error('the weights cannot be loaded')
    process.exit(Number(values['fail-start']))
  }
  const form = values['retry-after-form']
  const server = await createTestServer({
    port: Number(values.port),
    modelNames: values['served-model-name'],
    checkpoint: values.checkpoint,
    skill: number('skill'),
    problems: values.problems.flatMap(readProblems),
    seed: Number(values.seed),
    apiKey: values['api-key'],
    faults: faultRates(),
    maxFaults: number('max-faults'),
    faultsCome: values['faults-come'] === 'at-once' ? 'at-once' : 'at-its-end',
    rateLimit: rateLimit(),
    reject: number('reject'),
    truncate: number('truncate'),
    noAnswer: number('no-answer'),
    retryAfter: { form: form === 'date' || form === 'none' ? form : 'seconds', seconds: Number(values['retry-after']) },
    errorShape: ERROR_SHAPES.find((shape) => shape === values['error-shape']),
    maxModelLen: number('max-model-len'),
    strict: !values.lenient,
    strictFields: values['strict-fields'],
    latencyMs: number('latency-ms'),
    latencySigma: number('latency-sigma'),
    msPerToken: number('ms-per-token'),
    serviceRate: number('service-rate'),
    onAnswer: dieAfter(number('die-after')),
    trickle: values.trickle,
    development: {
      reloadLeaves: number('reload-leaves'),
      isThere: !values['no-development'],
      engines: number('engines'),
    },
  })
  console.log(`listening on ${server.baseURL}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

type Flag = keyof typeof values

function number(flag: Flag): number | undefined {
  const text = values[flag]
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isNaN(value)) throw new Error(`--${flag} ${text} is not a number`)
  return value
}

function rateLimit(): RateLimit | undefined {
  const perSecond = number('rate-limit')
  if (perSecond === undefined) return undefined
  return { perSecond, form: values['rate-limit-form'] === 'window' ? 'window' : 'bucket' }
}

function dieAfter(answers: number | undefined): ((answered: number) => void) | undefined {
  if (answers === undefined) return undefined
  const { deaths, checkpoint } = values
  const died = existsSync(deaths) ? readFileSync(deaths, 'utf8').split('\n') : []
  if (died.filter((line) => line === checkpoint).length >= 2) return undefined
  return (answered) => {
    if (answered < answers) return
    appendFileSync(deaths, `${checkpoint}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
}

function faultRates(): FaultRates {
  return {
    '5xx': number('fault-5xx'),
    '500': number('fault-500'),
    '503': number('fault-503'),
    '429': number('fault-429'),
    reset: number('reset'),
    hang: number('hang'),
    cut: number('cut'),
    malformed: number('malformed'),
    'content-type': number('wrong-type'),
    'empty-choices': number('empty-choices'),
  }
}

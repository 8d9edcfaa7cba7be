/** What `spendwise init` knows and asks: flags first, then questions, then what fits. */

import { existsSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import { gpuMemory, readShape } from '../../train/machine.ts'
import { parameterCount, trainingNeeds } from '../../train/memory.ts'
import type { Asker } from './ask.ts'
import type { Choices } from './compose.ts'
import { dataNamed } from './data.ts'
import { expectedPrices, type Machine, parametersIn, readGpus, sizesFor } from './fit.ts'

export interface InitAnswers {
  readonly model?: string
  readonly baseUrl?: string
  readonly gpus?: string
  readonly data?: string
  /** In billions, where neither a config.json nor the name tells. */
  readonly parameters?: number
}

const DEFAULT_MODEL = 'Qwen/Qwen2.5-1.5B-Instruct'
const LORA_RANK = 32

/**
 * @param directory where run.yaml will lie
 * @param asker left out, what no flag says is taken as suggested
 * @throws ConfigError where the answers cannot be one run; Interrupted
 */
export async function interview(directory: string, answers: InitAnswers, asker: Asker | undefined): Promise<Choices> {
  const take = async <T>(given: string | undefined, question: string, suggested: string, read: (text: string) => T) => {
    if (given !== undefined) return read(given)
    return asker ? await asker.ask(question, suggested, read) : read(suggested)
  }
  const model = await take(
    answers.model,
    'Model: a directory, or its name on the Hugging Face Hub',
    DEFAULT_MODEL,
    nonEmpty,
  )
  const baseURL = await take(
    answers.baseUrl,
    'Where is it served? An address ending in /v1, or "here" for a vLLM that spendwise starts',
    'here',
    readAddress,
  )
  const found = await gpuMemory()
  const least = Math.min(...found)
  const suggested = found.length > 0 ? `${found.length}x${Math.floor(least / 1e9)}` : '0'
  const machine = await take(answers.gpus, 'GPUs to train on, as NUMBERxGB; 0 for none', suggested, readGpus)
  const data = await take(
    answers.data,
    'Data: gsm8k, a published set, OWNER/NAME on the Hub, or a file',
    'gsm8k',
    (text) => dataNamed(text, directory),
  )
  if (machine.gpus === 0 && baseURL === undefined) {
    throw new ConfigError(
      'Nothing serves this model: without GPUs here, name a server with --base-url http://HOST:PORT/v1, or try the toy: spendwise quickstart.',
    )
  }
  const shape = existsSync(model) ? readShape(model) : undefined
  const known = answers.parameters === undefined ? undefined : answers.parameters * 1e9
  let parameters = known ?? (shape ? parameterCount(shape) : parametersIn(model))
  if (parameters === undefined && machine.gpus > 0) {
    const text = 'its name tells no size; give --parameters BILLIONS'
    if (!asker) throw new ConfigError(`--model ${model}  cannot be fitted to GPUs: ${text}.`)
    parameters = await asker.ask('Parameters of the model, in billions', '', readBillions)
  }
  const isTrained = machine.gpus > 0 && parameters !== undefined
  const sizes = isTrained && parameters !== undefined ? fitted(parameters, machine, shape) : undefined
  return {
    name: `${data.name}-${basename(model).toLowerCase()}`.replace(/[^\w.-]+/g, '-').slice(0, 80),
    model: existsSync(model) ? relative(resolve(directory), resolve(model)) || '.' : model,
    parameters,
    baseURL,
    served: baseURL === undefined ? 'base' : model,
    machine,
    sizes,
    expected: sizes && parameters !== undefined ? expectedPrices(parameters, machine.gpus, data.measured) : undefined,
    data,
  }
}

function fitted(parameters: number, machine: Machine, shape: ReturnType<typeof readShape>) {
  const options = { gpus: machine.gpus, rank: LORA_RANK, keepsMaster: true, keepsMoments: false }
  return sizesFor(parameters, machine, shape && trainingNeeds(shape, options))
}

function nonEmpty(text: string): string {
  if (text.trim() === '') throw new ConfigError('--model  is empty; name a directory or a model on the Hub.')
  return text.trim()
}

/** @returns undefined for `here` */
function readAddress(text: string): string | undefined {
  if (text === 'here') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new ConfigError(
      `--base-url  needs an address like http://127.0.0.1:8000/v1, without a name or password in it.`,
    )
  }
  const path = url.pathname.replace(/\/+$/, '')
  return `${url.origin}${path === '' ? '/v1' : path}`
}

function readBillions(text: string): number {
  const billions = Number(text.replace(/\s*b$/i, ''))
  if (!(billions > 0 && billions < 10_000)) throw new ConfigError(`--parameters ${text}  is not a number of billions.`)
  return billions * 1e9
}

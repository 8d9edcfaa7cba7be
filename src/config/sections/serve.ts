/** The `serve` section of run.yaml: how a new checkpoint gets into the inference server. */

import { z } from 'zod'
import { SERVE_PLACEHOLDERS } from '../../core/placeholders.ts'
import { addedVariables } from '../added-variables.ts'
import { commandSchema } from '../command-field.ts'
import { fleetFields } from './fleet.ts'

export const SHARES = ['none', 'train'] as const

const memorySection = z.strictObject({
  command: z
    .array(z.string())
    .min(1, { error: 'it needs at least the program to run.' })
    .default(['nvidia-smi', '--query-gpu=memory.used', '--format=csv,noheader,nounits'])
    .describe('Program whose lines end in the MiB in use, one line a device.'),
  belowMib: z.number().positive().default(1024).describe('MiB in use that a free device may show.'),
  seconds: z.number().positive().default(120).describe('Longest wait.'),
})

const paths = z
  .array(
    z.strictObject({
      here: z.string().min(1).describe('A folder on this machine, absolute or relative to run.yaml.'),
      there: z.string().min(1).describe("The same folder on the server's machine."),
    }),
  )
  .default([])
  .describe(
    "Folders that the server's machine knows under other names; the deepest one that holds a checkpoint counts.",
  )
  .meta({ examples: [[{ here: 'runs', there: '/mnt/shared/runs' }]] })

const memory = memorySection
  .optional()
  .describe('Proof that devices are free before training and before a start; left out, the end of all processes.')
const readySeconds = z.number().positive().default(1200).describe('Longest wait until a started server answers.')
const stopSeconds = z
  .number()
  .positive()
  .default(60)
  .describe('Grace between asking the server to stop and killing it.')

const adminURLs = z
  .array(z.url({ protocol: /^https?$/, error: 'it must be an http or https URL.' }))
  .default([])
  .describe('Roots of the API of every engine behind a balancer, each with its `/v1`; empty: the endpoints.')
  .meta({ examples: [['http://10.0.0.1:8000/v1', 'http://10.0.0.2:8000/v1']] })

/** Every kind of hand-over in run.yaml. All of their keys may change when a run is resumed: they say how a checkpoint is served, not which. */
export const SERVE_SECTIONS = {
  external: z.strictObject({
    kind: z.literal('external').describe("Somebody else serves; the endpoint's model is used as it stands."),
    wait: z
      .boolean()
      .default(false)
      .describe('Stops as `waiting` after each training until the run is told to continue.'),
  }),
  restart: z.strictObject({
    kind: z.literal('restart').describe('Stops the server that spendwise started and starts it on the new checkpoint.'),
    command: commandSchema(SERVE_PLACEHOLDERS, ['checkpoint'])
      .describe(
        'Program and arguments; placeholders: {checkpoint} {name} {port}. Without {name} the served name is the path.',
      )
      .meta({ examples: [['vllm', 'serve', '{checkpoint}', '--served-model-name', '{name}', '--port', '{port}']] }),
    env: addedVariables,
    memory,
    paths,
    readySeconds,
    share: z
      .enum(SHARES)
      .default('none')
      .describe('`train`: the server stops before training, because both use the same devices.'),
    stopSeconds,
  }),
  reload: z.strictObject({
    kind: z
      .literal('reload')
      .describe(
        'Puts the new weights into a running vLLM by its development routes and proves them; else starts it again.',
      ),
    adminURLs,
    command: commandSchema(SERVE_PLACEHOLDERS, ['checkpoint', 'name'])
      .optional()
      .describe(
        'Program and arguments that start the server, bound to loopback; placeholders: {checkpoint} {name} {port}. Left out, the engines are somebody else’s, and what cannot be proven ends the run.',
      )
      .meta({
        examples: [
          ['vllm', 'serve', '{checkpoint}', '--served-model-name', '{name}', '--host', '127.0.0.1', '--port', '{port}'],
        ],
      }),
    env: addedVariables,
    loadSeconds: z
      .number()
      .positive()
      .default(300)
      .describe('Longest wait until requests under way have ended, and until an engine has loaded the weights.'),
    memory,
    paths,
    readySeconds,
    stopSeconds,
  }),
  lora: z.strictObject({
    kind: z
      .literal('lora')
      .describe('Loads each adapter into a running vLLM under a new name and unloads the old one.'),
    adminURLs,
    paths,
    loadSeconds: z.number().positive().default(300).describe('Longest wait until an engine has loaded an adapter.'),
  }),
  fleet: z.strictObject({ ...fleetFields, paths }),
  embedded: z.strictObject({
    kind: z.literal('embedded').describe('Serves the toy model that is shipped, in this process.'),
    threads: z.int().min(1).default(2).describe('Worker threads, in turn for sampling and for training.'),
  }),
}

export type ServeSections = typeof SERVE_SECTIONS
export type ServeKind = keyof ServeSections

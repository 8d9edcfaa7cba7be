/** The `serve` section of run.yaml: how a new checkpoint gets into the inference server. */

import { z } from 'zod'
import { commandSchema } from './command-field.ts'
import { SERVE_PLACEHOLDERS } from './placeholders.ts'

export const SERVE_KINDS = ['external', 'restart', 'embedded'] as const
export const SHARES = ['none', 'train'] as const

export const serveSection = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('external').describe("Somebody else serves; the endpoint's model is used as it stands."),
    wait: z.boolean().default(false).describe('Stops as `waiting` after each training until the run is told to go on.'),
  }),
  z.strictObject({
    kind: z.literal('restart').describe('Stops the server that spendwise started and starts it on the new checkpoint.'),
    command: commandSchema(SERVE_PLACEHOLDERS, ['checkpoint', 'name'])
      .describe('Program and arguments; placeholders: {checkpoint} {name} {port}.')
      .meta({ examples: [['vllm', 'serve', '{checkpoint}', '--served-model-name', '{name}', '--port', '{port}']] }),
    readySeconds: z.number().positive().default(1200).describe('Longest wait until a started server answers.'),
    share: z
      .enum(SHARES)
      .default('none')
      .describe('`train`: the server stops before training, because both use the same devices.'),
    stopSeconds: z.number().positive().default(60).describe('Grace between asking the server to stop and killing it.'),
  }),
  z.strictObject({
    kind: z.literal('embedded').describe('Serves the toy model that is shipped, in this process.'),
    threads: z.int().min(1).default(2).describe('Worker threads.'),
  }),
])

/** The `serve` section of run.yaml for `kind: fleet`: several servers as jobs of an engine. */

import { z } from 'zod'
import { SERVE_PLACEHOLDERS } from '../../core/placeholders.ts'
import { addedVariables } from '../added-variables.ts'
import { commandSchema } from '../command-field.ts'
import { rayFields, slurmFields } from './train.ts'

/** Engines that a fleet's servers can be jobs of. */
export const FLEET_ENGINES = ['local', 'slurm', 'ray'] as const

// A server is on one machine, and leaves no checkpoint that has to settle.
const { settleSeconds: _s, nodes: _n, ...slurm } = slurmFields()
const { settleSeconds: _t, nodes: _m, ...ray } = rayFields()

const PORTS = /^(\d+)-(\d+)$/
const isRange = (text: string): boolean => {
  const [first = 0, last = 0] = text.match(PORTS)?.slice(1).map(Number) ?? []
  return first >= 1 && first <= last && last <= 65_535
}

const seconds = (value: number, text: string) => z.number().positive().default(value).describe(text)

export const fleetFields = {
  kind: z
    .literal('fleet')
    .describe(
      'Starts several servers as jobs, uses them as they come, and replaces those that are lost (docs/fleet.md).',
    ),
  through: z
    .enum(FLEET_ENGINES)
    .default('local')
    .describe('What runs the servers: `local`: processes of this machine; `slurm`, `ray`: jobs of Slurm or of Ray.'),
  servers: z.int().min(1).max(10_000).default(1).describe('How many there are to be.'),
  least: z.int().min(1).default(1).describe('With so many a phase begins; the rest joins as it comes.'),
  command: commandSchema(SERVE_PLACEHOLDERS, ['checkpoint', 'port'])
    .describe(
      'Program and arguments of one server; placeholders: {checkpoint} {name} {port}. Without {name} the served name is the path.',
    )
    .meta({
      examples: [
        ['vllm', 'serve', '{checkpoint}', '--served-model-name', '{name}', '--host', '0.0.0.0', '--port', '{port}'],
      ],
    }),
  ports: z
    .string()
    .default('8000-8099')
    .refine(isRange, { error: 'it must be FIRST-LAST, such as 8000-8099.' })
    .describe('Ports that the servers of one machine may take.'),
  host: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Under which name this machine reaches a server's; left out, 127.0.0.1 for `local`, else the name that its machine gives itself.",
    ),
  apiKeyEnv: z
    .string()
    .min(1)
    .optional()
    .describe('Environment variable that holds the key the servers ask for; pass it on to them by `env`.'),
  adapters: z
    .boolean()
    .default(false)
    .describe('The servers stay on the base, and each adapter is loaded into all of them while they run.'),
  slurm: z.strictObject(slurm).prefault({}).describe('What sbatch is told of each server.'),
  ray: z.strictObject(ray).optional().describe('Where Ray is, and what each server asks of it.'),
  env: addedVariables,
  share: z
    .enum(['none', 'train'])
    .default('none')
    .describe('`train`: the fleet ends before training, because both use the same devices.'),
  readySeconds: seconds(1800, 'Longest time from the start of a job until its server answers.'),
  drainSeconds: seconds(120, 'How long a server that is to end may work on what it has.'),
  stopSeconds: seconds(60, 'Grace between asking a server to stop and killing it.'),
  loadSeconds: seconds(300, 'Longest wait until a server has loaded an adapter.'),
}

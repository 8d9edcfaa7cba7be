/** The `train` section of run.yaml: what fine-tunes, from which weights, on which data, with which optimisation. */

import { z } from 'zod'
import { TRAIN_PLACEHOLDERS } from '../../core/placeholders.ts'
import { LR_SCHEDULES, type LrSchedule, OPTIMIZER_STATES, SHARDS, TOKEN_ID_CHOICES } from '../../core/trainer.ts'
import { addedVariables } from '../added-variables.ts'
import { commandSchema } from '../command-field.ts'
import { SLURM_STOP_SECONDS } from '../slurm-time.ts'
import { endpointSchema } from './sample.ts'

export const TRAIN_INITS = ['previous', 'base'] as const

/** What a kind of trainer takes where run.yaml leaves it out. */
interface TrainDefaults {
  /** Traces in an optimizer step where neither `batch` nor `steps` is given. */
  readonly batch: number
  readonly lr: number
  readonly lrSchedule: LrSchedule
  readonly stopSeconds: number
}

const PROGRAM_DEFAULTS: TrainDefaults = { batch: 256, lr: 1e-6, lrSchedule: 'run-constant', stopSeconds: 300 }

const DATA_ALLOWED = 'it must be latest, all or last-k. Write for example data: last-3.'
const lastIterations = z
  .templateLiteral(['last-', z.int()])
  .refine((text) => /^last-[1-9]\d*$/.test(text), { error: DATA_ALLOWED })

/** The fields that every trainer has; only their defaults differ. */
function commonFields(defaults: TrainDefaults) {
  return {
    init: z
      .enum(TRAIN_INITS)
      .default('previous')
      .describe('Weights that an iteration starts from: the last accepted checkpoint, or the base.'),
    data: z
      .union([z.enum(['latest', 'all']), lastIterations], { error: DATA_ALLOWED })
      .default('latest')
      .describe('Accepted traces that an iteration trains on: of this iteration, of all, or of the last k (`last-3`).'),
    epochs: z
      .number()
      .positive()
      .optional()
      .describe('Passes over the dataset; 1 unless `steps` is given, and never both.'),
    steps: z
      .int()
      .min(1)
      .optional()
      .describe('Optimizer steps an iteration, whatever n_t is; the batch is then n_t / steps.'),
    batch: z
      .int()
      .min(1)
      .optional()
      .describe(`Traces in an optimizer step; ${defaults.batch} unless \`steps\` is given.`),
    lr: z.number().positive().default(defaults.lr).describe('Peak learning rate.'),
    lrSchedule: z
      .enum(LR_SCHEDULES)
      .default(defaults.lrSchedule)
      .describe(
        '`iteration-decay`: linearly to 0 within each iteration; `run-constant`; `run-decay`: linearly to 0 over the whole run; `run-inverse-time`: lr / (1 + t / tau) in iteration t, for a run whose length is not known.',
      ),
    tau: z.number().positive().optional().describe('Iterations after which `run-inverse-time` has halved the rate.'),
    warmupSteps: z.int().min(0).default(0).describe('Steps of linear warm-up at the start of an iteration.'),
    optimizerState: z
      .enum(OPTIMIZER_STATES)
      .default('reset')
      .describe("Whether the optimizer's state goes from iteration to iteration (`keep`) or starts again (`reset`)."),
    stopSeconds: z
      .int()
      .min(1)
      .default(defaults.stopSeconds)
      .describe(
        'How long a job may take to save and stop: when it is asked to, and (slurm) before its time limit. A state of fp32 weights and moments is 12 bytes a parameter.',
      ),
    timeoutSeconds: z.number().positive().nullable().default(null).describe('Longest training job; null = no limit.'),
    hangSeconds: z
      .number()
      .positive()
      .nullable()
      .default(3600)
      .describe('Silence of its log after which a running job counts as hung and is started again; null = never.'),
  }
}

/** The fields of trainers that start a program which keeps the recipe contract. */
function programFields() {
  return {
    command: commandSchema(TRAIN_PLACEHOLDERS, ['dataset', 'output'])
      .describe(`Program and arguments; placeholders: ${TRAIN_PLACEHOLDERS.map((name) => `{${name}}`).join(' ')}.`)
      .meta({ examples: [['python3', 'train.py', '--dataset', '{dataset}', '--output-dir', '{output}']] }),
    shard: z
      .enum(SHARDS)
      .default('auto')
      .describe(
        "Whether a job's processes split weights, gradients and optimizer among them (FSDP2): `full`, `none`, or `auto`: where a copy each does not fit the GPU.",
      ),
    env: addedVariables,
    tokenIds: z
      .enum(TOKEN_ID_CHOICES)
      .default('auto')
      .describe(
        "Whether rows of the dataset bring the server's own ids of their completion as `completion_ids`, where it told them: `on`, `off`, or `auto`: for recipes/train_sft.py, which trains on them.",
      ),
    checkTokens: z
      .boolean()
      .default(true)
      .describe(
        "Compares the server's tokens with the recipe's before the first training (recipes/train_sft.py only).",
      ),
  }
}

/** What sbatch is told next to the command. */
export function slurmFields() {
  const word = z.string().min(1).optional()
  return {
    partition: word.describe("Slurm's partition; the cluster's default where it is left out."),
    account: word.describe('Account that the job is charged to.'),
    nodes: z
      .int()
      .min(1)
      .optional()
      .describe('Machines of the job; the script starts the command once on each, for torchrun to join them.'),
    gpus: z
      .union([z.int().min(1), z.string().min(1)])
      .optional()
      .describe('GPUs of the whole job, such as 8 or `a100:8`.'),
    time: z
      .union([z.int().min(1), z.string().min(1)])
      .optional()
      .describe("Time limit as sbatch takes it: minutes, or `1-12:00:00`; the partition's own where it is left out."),
    memory: word.describe(
      'Memory on each node, such as `64G`; many clusters give a job all of it where it is left out.',
    ),
    arguments: z
      .array(z.string().startsWith('-', { error: 'it must be an option of sbatch. Write for example --qos=low.' }))
      .default([])
      .describe('More options of sbatch, each as one word: `--qos=low`, `--nodes=2`.'),
    script: word.describe('Batch script that gets the command as its arguments; left out, one that only starts it.'),
    requeue: z.boolean().default(true).describe('Whether Slurm itself puts a preempted job back into its queue.'),
    pollSeconds: z.number().min(0.1).default(10).describe('Time between two looks at the job.'),
    commandSeconds: z.number().min(1).default(60).describe("Deadline of each of Slurm's programs."),
    unreachableSeconds: z
      .number()
      .min(0)
      .default(3600)
      .describe('How long a controller that gives no answer is waited for; jobs continue meanwhile.'),
    settleSeconds: z
      .number()
      .min(0)
      .default(30)
      .describe('How long the checkpoint of an ended job may take to appear here, on a shared disk.'),
  }
}

/** Where jobs of Ray are created, and what they ask for. */
export function rayFields() {
  return {
    address: z
      .url({ protocol: /^https?$/, error: 'it must be an http or https URL. Write for example http://head:8265.' })
      .describe("Address of the Ray cluster's dashboard, which has the Jobs API.")
      .meta({ examples: ['http://head:8265'] }),
    tokenEnv: z
      .string()
      .min(1)
      .optional()
      .describe("Environment variable with the cluster's token, where RAY_AUTH_MODE is `token`."),
    nodes: z
      .int()
      .min(1)
      .max(1, { error: 'a job through Ray is on one machine. Use kind: slurm for several.' })
      .optional()
      .describe('Machines of the job: one.'),
    gpus: z.number().positive().optional().describe('GPUs of the job, all on one machine.'),
    cpus: z.number().positive().optional().describe('CPUs of the job, all on one machine.'),
    memory: z
      .string()
      .regex(/^\d+[KMGT]?$/i, { error: 'it must be a size. Write for example 64G.' })
      .optional()
      .describe('Memory of the job, such as `64G`.'),
    resources: z
      .record(z.string(), z.number().positive())
      .default({})
      .describe("More resources, by the names that the cluster's machines were started with.")
      .meta({ examples: [{ 'accelerator_type:A100': 0.001 }] }),
    pollSeconds: z.number().min(0.1).default(5).describe('Time between two looks at the job.'),
    requestSeconds: z.number().min(1).default(60).describe('Deadline of a request to the Jobs API.'),
    unreachableSeconds: z
      .number()
      .min(0)
      .default(3600)
      .describe(
        'How long a head that gives no answer is waited for; jobs continue meanwhile, unless it was their machine.',
      ),
    settleSeconds: z
      .number()
      .min(0)
      .default(30)
      .describe('How long the checkpoint of an ended job may take to appear here, on a shared disk.'),
  }
}

/** Where fine-tuning jobs are created, and what they are told. */
function openAiFields() {
  return {
    baseURL: endpointSchema.shape.baseURL,
    apiKeyEnv: endpointSchema.shape.apiKeyEnv,
    suffix: z.string().min(1).max(64).default('spendwise').describe("What the new model's name ends with."),
    learningRateMultiplier: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'What the API multiplies its own learning rate by, as such APIs take no `lr`; null leaves it to the API.',
      ),
    pollSeconds: z.number().min(0.1).default(10).describe('Time between two looks at the job.'),
    unreachableSeconds: z.number().min(0).default(3600).describe('How long an API that gives no answer is waited for.'),
  }
}

/** Keys of every trainer that may change when a run is resumed: they decide how the work is done, not what comes out of it. */
const MAY_CHANGE = ['timeoutSeconds', 'hangSeconds', 'stopSeconds']
/** Commands may change because a wrong one is what a stopped run most often needs fixed. */
const PROGRAM_MAY_CHANGE = [...MAY_CHANGE, 'command', 'env', 'checkTokens', 'shard']

/**
 * One kind of trainer as run.yaml has it.
 * @param text what it does, for the reference of run.yaml
 * @param fields its own keys; those that every trainer has are added
 */
export function trainerKind<Kind extends string, Fields extends z.ZodRawShape>(
  kind: Kind,
  text: string,
  fields: Fields,
  { defaults, mayChange }: { readonly defaults: TrainDefaults; readonly mayChange: readonly string[] },
) {
  const schema = z.strictObject({ kind: z.literal(kind).describe(text), ...fields, ...commonFields(defaults) })
  return { schema, defaults, mayChange }
}

/** Every kind of trainer in run.yaml: its keys, its defaults, and which of its keys may change when a run is resumed. */
export const TRAIN_SECTIONS = {
  none: trainerKind(
    'none',
    'Samples, verifies and exports one iteration, then stops; the rest of the section only informs `plan`.',
    {},
    { defaults: PROGRAM_DEFAULTS, mayChange: MAY_CHANGE },
  ),
  embedded: trainerKind(
    'embedded',
    'Trains the toy model that is shipped, in a process of its own.',
    {},
    { defaults: { batch: 32, lr: 1e-3, lrSchedule: 'iteration-decay', stopSeconds: 20 }, mayChange: MAY_CHANGE },
  ),
  command: trainerKind('command', 'Runs any program that follows the recipe contract.', programFields(), {
    defaults: PROGRAM_DEFAULTS,
    mayChange: PROGRAM_MAY_CHANGE,
  }),
  slurm: trainerKind(
    'slurm',
    'Submits such a program to Slurm, and follows it there (docs/slurm.md).',
    { ...programFields(), ...slurmFields() },
    {
      defaults: { ...PROGRAM_DEFAULTS, stopSeconds: SLURM_STOP_SECONDS },
      mayChange: [...PROGRAM_MAY_CHANGE, ...Object.keys(slurmFields())],
    },
  ),
  ray: trainerKind(
    'ray',
    "Submits such a program to Ray's Jobs API, and follows it there (docs/ray.md).",
    { ...programFields(), ...rayFields() },
    { defaults: PROGRAM_DEFAULTS, mayChange: [...PROGRAM_MAY_CHANGE, ...Object.keys(rayFields())] },
  ),
  openai: trainerKind(
    'openai',
    'Creates fine-tuning jobs at an OpenAI-compatible API; the checkpoint is the name that it serves them under (docs/trainers.md).',
    openAiFields(),
    { defaults: PROGRAM_DEFAULTS, mayChange: [...MAY_CHANGE, ...Object.keys(openAiFields())] },
  ),
}

export type TrainSections = typeof TRAIN_SECTIONS
export type TrainKind = keyof TrainSections

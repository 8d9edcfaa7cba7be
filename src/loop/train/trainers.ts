/** Every trainer engine that run.yaml can ask for: how it is made, and what doctor looks at before it costs anything. */

import type { RunConfig } from '../../config/schema.ts'
import type { TrainKind } from '../../config/sections/train.ts'
import type { Finding } from '../../core/finding.ts'
import type { Trainer } from '../../core/trainer.ts'
import { createEmbeddedTrainer } from '../../embedded/train/trainer.ts'
import type { JobEngine } from '../../jobs/contract.ts'
import { JOB_ENGINES } from '../../jobs/engines.ts'
import { createProgramTrainer, jobOf, type ProgramOptions } from '../../train/program-trainer.ts'
import { firstJob } from './example-job.ts'
import { checkOpenAi, openAiTrainer } from './openai.ts'
import { probeJob } from './probe-job.ts'
import { checkProgram, existsProgram, type ProgramInput, programOptions } from './program.ts'
import { checkRay, rayJobs } from './ray.ts'
import { checkSlurm, slurmJobs } from './slurm.ts'

/** One kind of trainer. `Train` is its section of run.yaml. */
export interface TrainerEngine<Train = RunConfig['train']> {
  /** Whether it starts a program in the directory of run.yaml. */
  readonly startsProgram: boolean
  /** @returns undefined where nothing is trained here */
  create(input: ProgramInput, train: Train): Trainer | undefined
  /** What runs its program on other machines than this one; left out where nothing does. */
  jobs?(input: ProgramInput, train: Train): { readonly engine: JobEngine; readonly program: ProgramOptions }
  /** Looks, for doctor, whether it could train; trains nothing. */
  check(input: ProgramInput, train: Train): Finding[] | Promise<Finding[]>
}

export type Trainers = {
  readonly [Kind in TrainKind]: TrainerEngine<Extract<RunConfig['train'], { readonly kind: Kind }>>
}

export const TRAINERS: Trainers = {
  none: {
    startsProgram: false,
    create: () => undefined,
    check: () => [
      {
        level: 'note',
        subject: 'trainer',
        text: 'train.kind is none: the run stops after one iteration and waits for a checkpoint made elsewhere.',
      },
    ],
  },
  embedded: {
    startsProgram: false,
    create: ({ config: { serve } }) => createEmbeddedTrainer(serve.kind === 'embedded' ? serve.threads : undefined),
    check: () => [{ level: 'ok', subject: 'trainer', text: 'The toy brings its own trainer.' }],
  },
  command: {
    startsProgram: true,
    create: (input, train) => createProgramTrainer(JOB_ENGINES.local(), programOptions(input, train)),
    check: async (input, train) => [...checkProgram(input, train), ...(await probeHere(input, train))],
  },
  slurm: {
    startsProgram: true,
    jobs: slurmJobs,
    create: (input, train) => programTrainer(slurmJobs(input, train)),
    check: checkSlurm,
  },
  ray: {
    startsProgram: true,
    jobs: rayJobs,
    create: (input, train) => programTrainer(rayJobs(input, train)),
    check: checkRay,
  },
  openai: { startsProgram: false, create: openAiTrainer, check: checkOpenAi },
}

/** The disk of a run is tried in the same way here, where another process stands for another machine. */
async function probeHere(input: ProgramInput, train: Pick<ProgramOptions, 'command' | 'env'>): Promise<Finding[]> {
  if (!existsProgram('python3', input.configDirectory)) return []
  const job = jobOf(firstJob(input), programOptions(input, train))
  // A program that is missing on this machine has been said already.
  const isThere = existsProgram(job.argv[0] ?? '', input.configDirectory)
  const findings = await probeJob(JOB_ENGINES.local(), isThere ? job : { ...job, argv: ['python3'] })
  return findings.filter(({ subject, level }) => subject === 'disk' || level !== 'ok')
}

function programTrainer({
  engine,
  program,
}: {
  readonly engine: JobEngine
  readonly program: ProgramOptions
}): Trainer {
  return createProgramTrainer(engine, program)
}

/** The engine that run.yaml asks for. */
export function trainerEngine({ train }: RunConfig, trainers: Trainers = TRAINERS): TrainerEngine {
  return trainers[train.kind]
}

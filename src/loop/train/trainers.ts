/** Every trainer engine that run.yaml can ask for: how it is made, and what doctor looks at before it costs anything. */

import type { RunConfig } from '../../config/schema.ts'
import type { TrainKind } from '../../config/sections/train.ts'
import type { Finding } from '../../core/finding.ts'
import type { Trainer } from '../../core/trainer.ts'
import { createEmbeddedTrainer } from '../../embedded/train/trainer.ts'
import { JOB_ENGINES } from '../../jobs/engines.ts'
import { createProgramTrainer } from '../../train/program-trainer.ts'
import { checkOpenAi, openAiTrainer } from './openai.ts'
import { checkProgram, type ProgramInput, programOptions } from './program.ts'
import { checkRay, rayOptions, rayProgram } from './ray.ts'
import { checkSlurm, slurmOptions, slurmProgram } from './slurm.ts'

/** One kind of trainer. `Train` is its section of run.yaml. */
export interface TrainerEngine<Train = RunConfig['train']> {
  /** Whether it starts a program in the directory of run.yaml. */
  readonly startsProgram: boolean
  /** @returns undefined where nothing is trained here */
  create(input: ProgramInput, train: Train): Trainer | undefined
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
    check: checkProgram,
  },
  slurm: {
    startsProgram: true,
    create: (input, train) =>
      createProgramTrainer(JOB_ENGINES.slurm(slurmOptions(input, train)), slurmProgram(input, train)),
    check: checkSlurm,
  },
  ray: {
    startsProgram: true,
    create: (input, train) => createProgramTrainer(JOB_ENGINES.ray(rayOptions(train)), rayProgram(input, train)),
    check: checkRay,
  },
  openai: { startsProgram: false, create: openAiTrainer, check: checkOpenAi },
}

/** The engine that run.yaml asks for. */
export function trainerEngine({ train }: RunConfig, trainers: Trainers = TRAINERS): TrainerEngine {
  return trainers[train.kind]
}

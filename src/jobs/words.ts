/** What a job is called in sentences, and where in run.yaml it comes from. */

import { JobError } from '../core/errors.ts'
import type { Job, Purpose } from './contract.ts'

interface Words {
  readonly program: string
  readonly job: string
  readonly command: string
  /** Of the keys that only an engine knows. */
  readonly section: string
}

const WORDS: Readonly<Record<Purpose, Words>> = {
  train: { program: 'The trainer', job: 'training job', command: 'train.command', section: 'train' },
  serve: { program: 'The inference server', job: 'server', command: 'serve.command', section: 'serve.slurm' },
  probe: { program: 'The probe', job: 'probe job', command: 'train.command', section: 'train' },
}

export function wordsOf({ purpose }: Pick<Job, 'purpose'>): Words {
  return WORDS[purpose]
}

export function cannotStart(job: Job, why: string, cause: unknown): JobError {
  const { program, command } = wordsOf(job)
  const text = `${program} cannot be started: ${why}; check ${command} (${job.argv[0]}) and that the program is installed.`
  return new JobError(text, { cause, unreachable: true })
}

/** Questions to Slurm about its jobs; each is answered, or throws that there is no answer. */

import { TrainerAway } from '../core/errors.ts'
import { callSlurm, type SlurmAnswer } from './slurm-command.ts'
import { isUnderWay, readSacct, readScontrol, type SlurmJob } from './slurm-state.ts'

export interface SlurmQueue {
  call(...argv: readonly [string, ...string[]]): Promise<SlurmAnswer>
  /**
   * What Slurm tells of a job; undefined when neither the controller nor accounting knows it (any longer).
   * @throws TrainerAway
   */
  look(id: string): Promise<SlurmJob | undefined>
  /**
   * Ids of the jobs of this name that have not ended, the oldest first.
   * @throws TrainerAway
   */
  underWay(name: string): Promise<string[]>
}

/** @param deadlineMs of each of Slurm's programs */
export function createSlurmQueue(deadlineMs: number): SlurmQueue {
  const call: SlurmQueue['call'] = (...argv) => callSlurm({ argv, env: process.env, deadlineMs })
  return {
    call,
    async look(id) {
      const shown = await call('scontrol', 'show', 'job', id, '--oneliner')
      if (shown.kind === 'away') throw noAnswer(shown.why)
      const job = shown.kind === 'done' ? readScontrol(shown.stdout) : undefined
      if (job) return job
      // Many clusters have no accounting, and some machines no sacct.
      const format = ['--parsable2', '--noheader', '--allocations', '--format=State,ExitCode']
      const accounted = await call('sacct', `--jobs=${id}`, ...format).catch(() => undefined)
      return accounted?.kind === 'done' ? readSacct(accounted.stdout) : undefined
    },
    async underWay(name) {
      const answer = await call('squeue', '--noheader', '--states=all', '--format=%i %T', `--name=${name}`)
      if (answer.kind !== 'done') throw noAnswer(answer.why)
      return answer.stdout
        .split('\n')
        .map((line) => line.trim().split(' '))
        .flatMap(([id = '', state = '']) => (isUnderWay(state) ? [id] : []))
        .sort((a, b) => Number(a) - Number(b))
    },
  }
}

export function noAnswer(why: string): TrainerAway {
  return new TrainerAway(`Slurm gives no answer (${why}).`)
}

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

/** A job as `sbatch --parsable` names it: its number, behind it its cluster where there are several (`123;west`). */
const JOB_ID = /^(\d+)(?:;([\w.-]+))?$/

export function isJobId(text: string): boolean {
  return JOB_ID.test(text)
}

/** How Slurm's programs are told of a job. */
export function jobArguments(id: string): readonly [string, ...string[]] {
  const [, number = id, cluster] = id.match(JOB_ID) ?? []
  return cluster === undefined ? [number] : [`--clusters=${cluster}`, number]
}

/** The clusters that options of sbatch name, as `squeue` takes them; undefined where they name none. */
export function clustersIn(options: readonly string[]): string | undefined {
  return options.map((option) => option.match(/^(?:--clusters=|-M ?)(.+)$/)?.[1]).find((found) => found !== undefined)
}

/** Ids of the lines of `squeue --format=%i %T`; with several clusters each one's lines follow its name. */
export function readSqueue(text: string): string[] {
  let cluster = ''
  return text.split('\n').flatMap((line) => {
    const named = line.match(/^CLUSTER: (\S+)/)?.[1]
    if (named !== undefined) cluster = `;${named}`
    const [id = '', state = ''] = line.trim().split(' ')
    return named === undefined && isUnderWay(state) ? [`${id}${cluster}`] : []
  })
}

/**
 * @param deadlineMs of each of Slurm's programs
 * @param clusters that jobs are submitted to, where not the machine's own
 */
export function createSlurmQueue(deadlineMs: number, clusters?: string): SlurmQueue {
  const call: SlurmQueue['call'] = (...argv) => callSlurm({ argv, env: process.env, deadlineMs })
  return {
    call,
    async look(id) {
      const place = jobArguments(id)
      const number = place.at(-1) ?? id
      const shown = await call('scontrol', ...place.slice(0, -1), 'show', 'job', number, '--oneliner')
      if (shown.kind === 'away') throw noAnswer(shown.why)
      const job = shown.kind === 'done' ? readScontrol(shown.stdout) : undefined
      if (job) return job
      // Many clusters have no accounting, and some machines no sacct.
      const format = ['--parsable2', '--noheader', '--allocations', '--format=State,ExitCode']
      const accounted = await call('sacct', ...place.slice(0, -1), `--jobs=${number}`, ...format).catch(() => undefined)
      return accounted?.kind === 'done' ? readSacct(accounted.stdout) : undefined
    },
    async underWay(name) {
      const where = clusters === undefined ? [] : [`--clusters=${clusters}`]
      const answer = await call('squeue', '--noheader', '--states=all', '--format=%i %T', `--name=${name}`, ...where)
      if (answer.kind !== 'done') throw noAnswer(answer.why)
      return readSqueue(answer.stdout).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    },
  }
}

export function noAnswer(why: string): TrainerAway {
  return new TrainerAway(`Slurm gives no answer (${why}).`)
}

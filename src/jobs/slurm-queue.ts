/** Questions to Slurm about its jobs; each is answered, or throws that there is no answer. */

import { EngineAway } from '../core/errors.ts'
import type { Job } from './contract.ts'
import { formerNameOf, nameOf, uniqueNameOf } from './names.ts'
import { callSlurm, type SlurmAnswer } from './slurm-program.ts'
import { isUnderWay, readSacct, readScontrol, type SlurmJob } from './slurm-state.ts'

export interface SlurmQueue {
  call(...argv: readonly [string, ...string[]]): Promise<SlurmAnswer>
  /**
   * What Slurm tells of a job; undefined when neither the controller nor accounting knows it (any longer).
   * @throws EngineAway
   */
  look(id: string): Promise<SlurmJob | undefined>
  /**
   * Ids of the jobs submitted under this key that have not ended, the oldest first.
   * @throws EngineAway
   */
  underWay(job: Job): Promise<string[]>
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

/**
 * Ids of the jobs in the lines of `squeue --format=%i %T %j` that are under way and called so; with several clusters each one's lines
 * follow its name.
 */
export function readSqueue(text: string, isCalled: (name: string) => boolean): string[] {
  let cluster = ''
  return text.split('\n').flatMap((line) => {
    const named = line.match(/^CLUSTER: (\S+)/)?.[1]
    if (named !== undefined) cluster = `;${named}`
    const [id = '', state = '', name = ''] = line.trim().split(' ')
    return named === undefined && isUnderWay(state) && isCalled(name) ? [`${id}${cluster}`] : []
  })
}

/** Whether a job in the queue is this one: by its name, also where the site has cut it, or by the one that version 0.1.0 gave. */
export function isNameOf(job: Job, name: string): boolean {
  const whole = nameOf(job)
  const isOurs = name.length >= uniqueNameOf(job).length && whole.startsWith(name)
  return isOurs || (job.purpose === 'train' && name === formerNameOf(job))
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
    async underWay(job) {
      const where = clusters === undefined ? [] : [`--clusters=${clusters}`]
      // By user, and not by name: a site may have cut the name.
      const whose = `--user=${process.getuid?.() ?? ''}`
      const answer = await call('squeue', '--noheader', '--states=all', '--format=%i %T %j', whose, ...where)
      if (answer.kind !== 'done') throw noAnswer(answer.why)
      return readSqueue(answer.stdout, (name) => isNameOf(job, name)).sort(
        (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
      )
    },
  }
}

export function noAnswer(why: string): EngineAway {
  return new EngineAway(`Slurm gives no answer (${why}).`)
}

/** Time limits as sbatch takes them: minutes, minutes:seconds, hours:minutes:seconds, days-hours, with minutes and seconds behind. */

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
/** `train.stopSeconds` of a Slurm job where run.yaml says nothing. */
export const SLURM_STOP_SECONDS = 90

/** @returns seconds; undefined where it is something else, which sbatch itself will refuse */
export function slurmSeconds(time: unknown): number | undefined {
  const [, days, clock = ''] = String(time).match(/^(?:(\d+)-)?(\d+(?::\d+){0,2})$/) ?? []
  if (clock === '') return undefined
  const parts = clock.split(':').map(Number)
  if (days !== undefined) {
    const [hours = 0, minutes = 0, seconds = 0] = parts
    return Number(days) * DAY + hours * HOUR + minutes * MINUTE + seconds
  }
  const [first = 0, second = 0, third = 0] = parts
  return parts.length === 3 ? first * HOUR + second * MINUTE + third : first * MINUTE + second
}

/** A sentence on a limit that leaves nothing to train in: the job is told to save so many seconds before it. */
export function shortLimit({ time, stopSeconds }: Readonly<Record<string, unknown>>): string | undefined {
  const limit = slurmSeconds(time)
  const stop = typeof stopSeconds === 'number' ? stopSeconds : SLURM_STOP_SECONDS
  if (limit === undefined || limit === 0 || limit > stop) return undefined
  return `it is ${limit} s, and a job saves and stops ${stop} s (train.stopSeconds) before it. Write a longer time, or a shorter stopSeconds.`
}

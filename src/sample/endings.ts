/** How a run ends: by the share of failures among the last requests that ended. Pure. */

/** How the last requests ended: whether each failed, the newest last. */
export type Endings = readonly boolean[]

const ENDINGS = 100
/** Share of failures among the last endings that is the servers' fault and not the requests'. */
const FAILURES_OF_SERVERS = 0.75

export function endedSo(endings: Endings, hasFailed: boolean): Endings {
  return [...endings.slice(-(ENDINGS - 1)), hasFailed]
}

/** @param fewest failures that say anything */
export function failsTooOften(endings: Endings, fewest: number): boolean {
  const failed = endings.filter((hasFailed) => hasFailed).length
  return failed >= fewest && failed >= FAILURES_OF_SERVERS * endings.length
}

/** McNemar's exact test: do two checkpoints that answered the same problems differ? */

/**
 * Two-sided p-value of the problems on which two sides differ, under Binomial(gained + lost, 1/2).
 * Exact at every size (McNemar 1947; the exact form is the sign test on the discordant pairs).
 * @param gained problems that only the second solves, a whole number of at least 0
 * @param lost problems that only the first solves
 * @returns in [0, 1]; 1 where they differ on none, 0 where it is below the smallest double
 */
export function mcnemarExact(gained: number, lost: number): number {
  const n = gained + lost
  // Terms in logarithms: 2^-n leaves the doubles from n = 1075 on, its neighbours' sum need not.
  let logTerm = -n * Math.LN2
  let tail = Math.exp(logTerm)
  for (let k = 1; k <= Math.min(gained, lost); k++) {
    logTerm += Math.log((n - k + 1) / k)
    tail += Math.exp(logTerm)
  }
  return Math.min(1, 2 * tail)
}

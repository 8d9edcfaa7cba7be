/** pass@k from n samples a problem. */

/**
 * Unbiased estimator of the chance that at least one of k samples is correct: 1 - C(n-c, k) / C(n, k)
 * (Chen et al. 2021, arXiv 2107.03374, section 2.1), as a product so that nothing overflows.
 * @param n samples drawn, n >= k
 * @param c correct ones among them
 * @throws RangeError when k is not in 1..n
 */
export function passAtK(n: number, c: number, k: number): number {
  if (k < 1 || k > n) throw new RangeError(`pass@${k} needs at least ${k} samples a problem; there are ${n}.`)
  if (n - c < k) return 1
  let allWrong = 1
  for (let i = n - c + 1; i <= n; i++) {
    allWrong *= 1 - k / i
  }
  return 1 - allWrong
}

/** pass@k and maj@k from n samples a problem. */

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

/**
 * Whether the majority answer is correct; ties go to the answer seen first.
 * @param answers per sample: the extracted answer (undefined counts as no vote) and whether it is correct
 */
export function majorityIsCorrect(
  answers: readonly { readonly extracted: string | undefined; readonly correct: boolean }[],
): boolean {
  const votes = new Map<string, { count: number; correct: boolean }>()
  for (const { extracted, correct } of answers) {
    if (extracted === undefined) continue
    const vote = votes.get(extracted) ?? { count: 0, correct }
    votes.set(extracted, { count: vote.count + 1, correct: vote.correct || correct })
  }
  let best: { count: number; correct: boolean } | undefined
  for (const vote of votes.values()) {
    if (!best || vote.count > best.count) best = vote
  }
  return best?.correct ?? false
}

/** The stop at n_t over 2,000 seeds in virtual time: exact, and no shorter or longer than the truth. */

import { expect, test } from 'vitest'
import { play, summarise, TRUE_LENGTH } from './unbiased-stop.ts'

const SEEDS = Number(process.env.SPENDWISE_SEEDS ?? 2000)
const SCENES = [256, 2560, 10_000].flatMap((target) =>
  [512, 2048].flatMap((inFlight) => [0, 0.05].map((lost) => ({ target, inFlight, lost }))),
)

test.each(SCENES)('n_t = $target with $inFlight in flight and $lost lost', (scene) => {
  const outcomes = Array.from({ length: SEEDS }, (_, seed) => play(scene, seed + 1))
  expect(outcomes.every(({ accepted, surplus }) => accepted === scene.target && surplus >= 0)).toBe(true)
  const { mean, error } = summarise(outcomes.map(({ length }) => length))
  const arrival = summarise(outcomes.map(({ byArrival }) => byArrival))
  console.log(
    `n_t ${scene.target}, ${scene.inFlight} in flight, ${scene.lost} lost: ${(mean / TRUE_LENGTH).toFixed(4)} of the true length (${((mean - TRUE_LENGTH) / error).toFixed(2)} standard errors); by arrival ${(arrival.mean / TRUE_LENGTH).toFixed(4)}`,
  )
  expect(Math.abs(mean - TRUE_LENGTH)).toBeLessThan(3 * error)
})

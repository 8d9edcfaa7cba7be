/**
 * Noise of a diffusion model (Ho et al., arXiv 2006.11239): 1,000 variances rising linearly from 1e-4 to 0.02. An image with values in
 * [-1, 1] and noise of step s is sqrt(alphaBar) x + sqrt(1 - alphaBar) e.
 */

const FIRST = 1e-4
const LAST = 0.02
const COUNT = 1000

/** The share of the image's variance that is left after steps 0 to t: the product of 1 - beta. */
export function alphaBars(steps: number): number[] {
  let product = 1
  return Array.from({ length: steps }, (_, t) => {
    product *= 1 - (FIRST + ((LAST - FIRST) * t) / (COUNT - 1))
    return product
  })
}

/** Standard deviation of the noise after that many steps. */
export function noiseLevel(steps: number): number {
  return Math.sqrt(1 - (alphaBars(steps).at(-1) ?? 1))
}

/** `strides` of the steps, evenly spread from the last to 0: where the sampler stops on its way. */
export function strided(steps: number, strides: number): number[] {
  return Array.from({ length: strides }, (_, i) => roundHalfEven(((steps - 1) * (strides - 1 - i)) / (strides - 1)))
}

function roundHalfEven(x: number): number {
  const low = Math.floor(x)
  if (x - low !== 0.5) return Math.round(x)
  return low % 2 === 0 ? low : low + 1
}

/** Peak signal-to-noise ratio in decibels of values in [-1, 1], whose peak is 2. */
export function psnr(meanSquare: number): number {
  return 10 * Math.log10(4 / Math.max(meanSquare, 1e-9))
}

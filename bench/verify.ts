/**
 * Verdicts a second of the checker, alone and through its threads, on answers of the usual forms.
 *
 *     node bench/verify.ts [pairs]
 */

import { availableParallelism } from 'node:os'
import { judge } from '../src/verify/decide.ts'
import { createVerifierPool } from '../src/verify/pool.ts'

const FORMS: readonly ((n: number) => string)[] = [
  (n) => `She sells ${n} - 7 = <<${n}-7=${n - 7}>>${n - 7} eggs\nand 7 more\n#### ${n}`,
  (n) => `We add both sides.\n\\[ x = \\frac{${2 * n}}{2} \\]\nTherefore, $x = \\boxed{\\frac{${2 * n}}{2}}$.`,
  (n) => `The answer is $${n.toLocaleString('en')} dollars.`,
  (n) => `First 3 + 4 = 7.\nAnswer: ${n}.00`,
  (n) => `It is ${n} or so.\nA: ${n + 1}`,
  (n) => `I have no idea, but it is more than ${n}.\nSorry.`,
]

const count = Number(process.argv[2] ?? 200_000)
// Reasoning in front of the answer is most of a real completion: about 1,200 characters on GSM8K.
const reasoning = 'She has 16 eggs and eats three of them, so there are 16 - 3 = 13 left for the market.\n'.repeat(14)
const pairs = Array.from({ length: count }, (_, n) => ({
  gold: `${n}`,
  text: `${reasoning}${FORMS[n % FORMS.length]?.(n) ?? ''}`,
}))

function report(name: string, verdicts: number, startedAt: number): void {
  const seconds = (performance.now() - startedAt) / 1_000
  console.log(
    `${name.padEnd(24)}${Math.round(verdicts / seconds)
      .toLocaleString('en')
      .padStart(10)} verdicts/s`,
  )
}

for (const { gold, text } of pairs.slice(0, 20_000)) judge(gold, text)
const start = performance.now()
let correct = 0
for (const { gold, text } of pairs) if (judge(gold, text).kind === 'correct') correct++
report('in this thread', count, start)

for (const threads of new Set([1, availableParallelism()])) {
  const pool = createVerifierPool({ threads })
  await pool.verify(pairs.slice(0, 20_000))
  const startedAt = performance.now()
  const verdicts = await pool.verify(pairs)
  report(`pool of ${threads}`, count, startedAt)
  await pool.close()
  if (verdicts.filter(({ kind }) => kind === 'correct').length !== correct) throw new Error('the pool disagrees')
}
console.log(`${count.toLocaleString('en')} pairs, ${((100 * correct) / count).toFixed(1)}% correct`)

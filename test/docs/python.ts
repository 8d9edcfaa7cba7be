/**
 * What stands in for `python recipes/train_sft.py …`: the test recipe in this process; with `--check-tokens`, as many tokens for each row
 * of the dataset as the test server counts.
 */

import { readFileSync } from 'node:fs'

const [node = '', program = '', , ...flags] = process.argv
if (flags.includes('--check-tokens')) {
  const dataset = flags[flags.indexOf('--dataset') + 1] ?? ''
  for (const line of readFileSync(dataset, 'utf8').trim().split('\n')) {
    const { prompt, completion } = JSON.parse(line)
    const tokens = (text: string, more: number): number[] => Array(Math.ceil(text.length / 4) + more).fill(1)
    const asked = prompt.map(({ content }: { readonly content: string }) => content).join('\n')
    const told = { prompt: tokens(asked, 0), completion: tokens(completion[0].content, 1), kept: true }
    console.log(`@@sft ${JSON.stringify({ event: 'tokens', ...told })}`)
  }
} else {
  process.argv = [node, program, ...flags]
  await import('../server/train-recipe.ts')
}

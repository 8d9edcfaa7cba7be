/**
 * What the walkthrough's run stands on, in a newcomer's folder: the page's own files, and for its model, its vLLM and its trainer's Python
 * the test server, a model of it and the test recipe. README shows what doctor says of that run.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from '../source-text.ts'
import { blocksOf } from './blocks.ts'
import type { Place, Printed } from './place.ts'

const PAGE = join(PROJECT, 'docs/walkthrough.md')
/** As the page does by sed. */
const LEVEL = ['"levels": {', '"levels": { "one": 1,'] as const

/** @param port where the run's server is to listen, in place of the page's 8011 */
export async function writeWalkthrough(place: Place, port: number): Promise<Printed> {
  for (const { language, title, text } of blocksOf(readFileSync(PAGE, 'utf8')))
    if (language === 'yaml' || language === 'markdown') place.write(title, text.replace(':8011', `:${port}`))
  const steps = readFileSync(join(PROJECT, 'datasets/steps/steps.json'), 'utf8')
  place.write('one-step.json', steps.replace(...LEVEL))
  return await place.sh(`hf download a/model --local-dir models/smollm2; mkdir -p env/bin
    ln -s "$PWD/.bin/vllm" env/bin/vllm; ln -s "$PWD/recipes/.venv/bin/python" env/bin/python`)
}

/** What the page shows below a command; undefined where it has no such block. */
export function shownInWalkthrough(command: string): string | undefined {
  const page = blocksOf(readFileSync(PAGE, 'utf8'))
  return page[page.findIndex(({ text }) => text === command) + 1]?.text
}

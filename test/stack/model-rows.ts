/** Prints worked step problems as JSON lines {"question", "solution"}: what test/stack/make_model.py warms its model up on. */

import { parseArgs } from 'node:util'
import { readStepsFile } from '../../src/problems/steps/file.ts'
import { generateSteps } from '../../src/problems/steps/steps.ts'

const { values } = parseArgs({
  options: { count: { type: 'string', default: '6000' }, seed: { type: 'string', default: '101' } },
})
const problems = generateSteps({
  file: readStepsFile(),
  level: 'main',
  count: Number(values.count),
  seed: Number(values.seed),
  split: 'train',
})
for (const { question, solution } of problems) console.log(JSON.stringify({ question, solution }))

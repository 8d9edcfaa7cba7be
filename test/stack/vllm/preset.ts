/** A preset as `init` writes it, before a vLLM that is there: what doctor and plan say of it. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PresetName } from '../../../src/config/presets.ts'
import { readStepsFile } from '../../../src/problems/steps/file.ts'
import { generateSteps } from '../../../src/problems/steps/steps.ts'
import { ended, type Look, withLoop } from './stage.ts'

/** The files that `init` writes, with another address, model, Python and number of tokens, and without a command for a server. */
export function presetIsUnderstood(preset: PresetName): Look {
  const look: Look = ({ port, model, program }) =>
    withLoop('', async (loop) => {
      const init = await loop.command(['init', 'mine', '--preset', preset])
      const file = join(loop.folder, 'mine/run.yaml')
      const text = readFileSync(file, 'utf8').replace('[python3,', `[${JSON.stringify(program('python'))},`)
      writeFileSync(file, `${text.slice(0, text.indexOf('\nserve:'))}\nserve: { kind: reload }\n`)
      writeData(join(loop.folder, 'mine/data/gsm8k'))
      const sets = {
        base: model,
        'sample.endpoints': `[{ baseURL: "http://127.0.0.1:${port}/v1", model: base }]`,
        'sample.maxTokens': '160',
      }
      const set = Object.entries(sets).flatMap(([key, value]) => ['--set', `${key}=${value}`])
      const doctor = await loop.command(['doctor', 'mine/run.yaml', ...set, '--json'])
      const plan = await loop.command(['plan', 'mine/run.yaml', ...set, '--pilot', '20', '--json'])
      return [
        [`${preset} is written (${ended(init)})`, init.code === 0],
        [`doctor finds nothing to fix in ${preset} (${ended(doctor)} ${doctor.stdout})`, doctor.code === 0],
        [`doctor compares the tokens of ${preset} one by one`, /token by token/.test(doctor.stdout)],
        [`doctor has found what ${preset} reloads by`, /can be given weights while it runs/.test(doctor.stdout)],
        [`${preset} is planned by a pilot (${ended(plan)})`, plan.code === 0],
      ]
    })
  return Object.defineProperty(look, 'name', { value: `the preset ${preset}` })
}

/** Sums in GSM8K's form and under its names. */
function writeData(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, split] of [
    ['train', 'train'],
    ['test', 'evaluate'],
  ] as const) {
    const problems = generateSteps({ file: readStepsFile(), level: 'main', count: 600, seed: 11, split })
    const rows = problems.map(({ question, solution }) => JSON.stringify({ question, answer: solution }))
    writeFileSync(join(folder, `${name}.jsonl`), `${rows.join('\n')}\n`)
  }
}

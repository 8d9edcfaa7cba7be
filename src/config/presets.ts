/** The presets: run.yaml files to start from, shipped below assets/presets. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../core/errors.ts'
import { closest } from './closest.ts'

/** Name and purpose of each; its text is `assets/presets/NAME.yaml`. */
export const PRESETS = {
  quickstart: 'the whole loop on the toy model that is shipped; needs nothing',
  vllm: 'your own vLLM and trainer, on devices of their own',
  'vllm-shared-gpus': 'vLLM and the trainer take turns on the same devices',
  'vllm-shared-gpus-lora': 'the same, training adapters: for models whose full fine-tuning does not fit',
  'vllm-1.5b': 'Qwen2.5-1.5B-Instruct on one GPU: a first run in about an hour',
  'vllm-8b': 'Llama-3.1-8B-Instruct on eight GPUs of 80 GB, all weights trained',
  'vllm-thinking': 'a model that thinks before it answers (Qwen3-1.7B), with vLLM and trainer on devices of their own',
  slurm: 'your own vLLM, the trainer through Slurm',
  'paper-exponential': "the paper's exponential policy, with its code's settings",
  'paper-linear': "the paper's linear policy at the same number of traces",
  'paper-constant': "the paper's constant policy at the same number of traces",
  star: 'STaR: restart from the base each time, training steps growing by a fifth',
  'rest-em': 'ReST-EM: few large rounds from the base, at most ten traces a problem',
  raft: 'RAFT: small rounds of the same size, each continuing from the last',
} as const

export type PresetName = keyof typeof PRESETS

// Both src/ and dist/ lie one level below the package's root.
const DIRECTORY = new URL('../../assets/presets/', import.meta.url)

export function presetNames(): PresetName[] {
  return Object.keys(PRESETS) as PresetName[]
}

/** Absolute path of a preset's run.yaml. */
export function presetPath(name: PresetName): string {
  return fileURLToPath(new URL(`${name}.yaml`, DIRECTORY))
}

/**
 * A preset's run.yaml, comments included.
 * @throws ConfigError for a name that is not one of PRESETS
 */
export function presetText(name: string): string {
  const known = presetNames().find((preset) => preset === name)
  if (known) return readFileSync(presetPath(known), 'utf8')
  const near = closest(name, presetNames())
  throw new ConfigError(
    `There is no preset ${name}. ${near ? `Did you mean ${near}? ` : ''}Presets: ${presetNames().join(', ')}.`,
  )
}

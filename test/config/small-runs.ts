/** The smallest run.yaml of each kind, and how a test reads them. */

import { parseRunConfig } from '../../src/config/parse.ts'

export const SMALL = `problems:
  train: [{ dataset: gsm8k, path: train.jsonl }]
sample:
  endpoints: [{ baseURL: "http://127.0.0.1:8000/v1", model: base }]
budget:
  policy: { kind: exponential, initial: 256, growth: 2 }
`
export const EMBEDDED = `problems: { train: [{ dataset: steps }] }
sample: embedded
budget: { policy: { kind: constant, initial: 10 } }
`
export const parse = (text: string, ...sets: string[]) => parseRunConfig({ text, file: 'runs/my run.yaml', sets })

/** The problems of a new run.yaml, from what people call their data. */

import { existsSync } from 'node:fs'
import { extname, relative, resolve } from 'node:path'
import { closest } from '../../config/closest.ts'
import { PUBLISHED_NAMES } from '../../core/datasets.ts'
import { ConfigError } from '../../core/errors.ts'

export interface ChosenData {
  /** Lines below `problems:`, as YAML. */
  readonly lines: readonly string[]
  readonly name: string
  /** Whether the short prompt of GSM8K fits, rather than that of MATH. */
  readonly isGsm8k: boolean
  /** Problems that are measured for each checkpoint. */
  readonly measured: number
}

const HELD_OUT = 500
const GSM8K_TEST = 1_319

/**
 * @param text `gsm8k`, the name of a published set, `OWNER/NAME` on the Hub, or a file of problems
 * @param directory where run.yaml will lie
 * @throws ConfigError for what is none of them
 */
export function dataNamed(text: string, directory: string): ChosenData {
  const written = text.trim()
  if (written === 'gsm8k') {
    const source = 'dataset: hub, repo: openai/gsm8k, config: main'
    return {
      name: 'gsm8k',
      isGsm8k: true,
      measured: HELD_OUT + GSM8K_TEST,
      lines: [
        `train: [{ ${source}, split: train }]`,
        `gate: [{ ${source}, split: train, take: last-${HELD_OUT} }] # held out of train`,
        `evaluate: [{ ${source}, split: test }] # reported numbers come from here alone`,
      ],
    }
  }
  if ((PUBLISHED_NAMES as readonly string[]).includes(written)) return heldOut(written, `dataset: ${written}`)
  if (existsSync(written)) {
    const kind = KINDS[extname(written).toLowerCase()]
    if (kind === undefined) {
      throw new ConfigError(`--data ${written}  is no JSONL, CSV or Parquet file; see spendwise problems import.`)
    }
    const path = JSON.stringify(relative(resolve(directory), resolve(written)))
    const name = written.replace(/^.*\//, '').replace(/\.\w+$/, '')
    return heldOut(name, `dataset: ${kind}, path: ${path}`)
  }
  if (/^[\w.-]+\/[\w.-]+$/.test(written)) {
    return heldOut(written.replace(/^.*\//, ''), `dataset: hub, repo: ${written}, split: train`)
  }
  const known = ['gsm8k', ...PUBLISHED_NAMES]
  const near = known.find((name) => written !== '' && name.startsWith(written)) ?? closest(written, known)
  throw new ConfigError(
    `--data ${written}  is neither a file nor a set that is known. ${near ? `Did you mean ${near}? ` : ''}Write gsm8k, ${PUBLISHED_NAMES.join(', ')}, OWNER/NAME on the Hub, or a file with question and answer in each row.`,
  )
}

const KINDS: Readonly<Record<string, 'jsonl' | 'csv' | 'parquet'>> = {
  '.jsonl': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.parquet': 'parquet',
}

/** A set without a test split of its own: its ends are held out. */
function heldOut(name: string, source: string): ChosenData {
  return {
    name,
    isGsm8k: false,
    measured: 2 * HELD_OUT,
    lines: [
      `train: [{ ${source} }]`,
      `gate: [{ ${source}, take: last-${HELD_OUT} }] # held out of train`,
      `evaluate: [{ ${source}, take: first-${HELD_OUT} }] # held out too; another test set is better, where there is one`,
    ],
  }
}

/** The names of datasets that run.yaml and the commands know; what each one is stands in the problems room. */

/** Published sets that have a name of their own: columns, filters and place on the Hub are known. */
export const PUBLISHED_NAMES = [
  'numina-1.5',
  'dapo',
  'dapo-processed',
  'big-math',
  'open-math-reasoning',
  'deepscaler',
  'skywork',
  'aime-2025',
  'hmmt-2025',
  'olympiad',
] as const
export type PublishedName = (typeof PUBLISHED_NAMES)[number]

export const DATASET_KINDS = [
  'gsm8k',
  'math',
  'svamp',
  'asdiv',
  'jsonl',
  'csv',
  'parquet',
  'hub',
  'symbolic',
  'steps',
  ...PUBLISHED_NAMES,
] as const
export type DatasetKind = (typeof DATASET_KINDS)[number]

/** How the rows of a dataset on the Hub are read: as those of a published dataset, or by the names of their columns. */
export const READINGS = ['rows', 'gsm8k', 'math', 'svamp'] as const
export type Reading = (typeof READINGS)[number]

/** How a list of several gold answers is meant: each of them is right, or only all together. */
export const GOLD_LISTS = ['any', 'all'] as const
export type GoldList = (typeof GOLD_LISTS)[number]

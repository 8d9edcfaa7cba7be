/** The `problems` section of run.yaml: which datasets the three splits come from, and in what proportions. */

import { z } from 'zod'
import { GOLD_LISTS, PUBLISHED_NAMES, READINGS } from '../../core/datasets.ts'

const oneLevel = z.string().min(1)

const path = z
  .string()
  .min(1)
  .describe('File to read.')
  .meta({ examples: ['data/gsm8k/train.jsonl'] })
const name = z
  .string()
  .min(1)
  .optional()
  .describe('Name in ids, weights and reports; otherwise the dataset, or the base name of a file with columns.')
const weight = z.number().positive().default(1).describe('Ratio of prompts among the sources of `train`.')
const take = z
  .string()
  .regex(/^(first-[1-9]\d*|last-[1-9]\d*|\d+\.\.\d+)$/, {
    error: 'it must be first-N, last-N or N..M. Write for example take: last-500.',
  })
  .optional()
  .describe('Rows of the file: `first-N`, `last-N`, or `N..M` (row N, counted from 0, up to but without row M).')
const level = z
  .union([oneLevel, z.array(oneLevel).min(1)], {
    error: 'it must be one level or a list of levels, each a text. Write for example level: "1".',
  })
  .optional()
  .describe('Only these levels of difficulty: one, or a list.')

const fields = z
  .strictObject({
    id: z.string().min(1).optional().describe('Field that holds the id.'),
    question: z.string().min(1).optional().describe('Field that holds the question.'),
    answer: z.string().min(1).optional().describe('Field that holds the gold answer.'),
    level: z.string().min(1).optional().describe('Field that holds the level.'),
    subject: z.string().min(1).optional().describe('Field that holds the subject.'),
    choices: z
      .string()
      .min(1)
      .optional()
      .describe('Field that holds the options of a multiple-choice question; none otherwise.'),
    solveRate: z
      .string()
      .min(1)
      .optional()
      .describe('Field that holds the share of answers that some model got right, 0 to 1; a prior for `allocation`.'),
  })
  .optional()
  .describe('Names of the fields in a row, where they differ from id, question, answer, level and subject.')
const count = z
  .int()
  .min(1)
  .optional()
  .describe('Problems to generate; 20000 for train, 500 for gate, 2000 for evaluate otherwise.')

/** Which rows of a table are problems, and what their gold answers are. */
const rowKeys = {
  where: z
    .array(
      z.string().regex(/^[^=!]+!?=/, {
        error: 'it must be FIELD=VALUE or FIELD!=VALUE. Write for example where: ["source!=synthetic"].',
      }),
    )
    .optional()
    .describe('Only rows that meet all of these: `FIELD=VALUE` or `FIELD!=VALUE`.')
    .meta({ examples: [['question_type!=proof']] }),
  dedupe: z.boolean().optional().describe('Of rows that ask the same question, only the first.'),
  strict: z.boolean().optional().describe('A row that cannot be used is an error; otherwise it is left out and named.'),
  golds: z
    .enum(GOLD_LISTS)
    .optional()
    .describe(
      'A list of several gold answers: any of them is right, or all together; otherwise such a row is left out.',
    ),
}

const hubText = z.string().min(1).optional()

const repo = z
  .string()
  .regex(/^[\w.-]+(\/[\w.-]+)?$/, { error: 'it must be OWNER/NAME. Write for example repo: openai/gsm8k.' })
  .meta({ examples: ['openai/gsm8k'] })

/** Which part of a dataset on the Hub. */
const hubKeys = {
  config: hubText.describe('Which of its configs; otherwise its only or default one.'),
  split: hubText.describe('Which of its splits; otherwise its only one.').meta({ examples: ['train'] }),
  file: hubText.describe('Its files by path or pattern, such as `data/train-*.parquet`, in place of config and split.'),
  revision: hubText.describe('Commit, branch or tag; otherwise `main` as it was when it was first fetched.'),
}

/** A source whose rows have named columns. */
function columnSource<T extends 'jsonl' | 'csv' | 'parquet'>(dataset: T, description: string) {
  return z.strictObject({
    dataset: z.literal(dataset).describe(description),
    path,
    name,
    weight,
    take,
    level,
    fields,
    ...rowKeys,
  })
}

export const sourceSchema = z
  .discriminatedUnion('dataset', [
    z.strictObject({
      dataset: z.literal('gsm8k').describe('A JSONL or Parquet file of GSM8K.'),
      path,
      name,
      weight,
      take,
    }),
    z.strictObject({
      dataset: z.literal('math').describe('MATH: its folder of JSON files, or one file, MATH-500 too.'),
      path,
      name,
      weight,
      take,
      level,
    }),
    z.strictObject({ dataset: z.literal('svamp').describe('The JSON file of SVAMP.'), path, name, weight, take }),
    z.strictObject({ dataset: z.literal('asdiv').describe('The XML file of ASDiv.'), path, name, weight, take, level }),
    columnSource('jsonl', 'A JSONL file with question and answer in each row.'),
    columnSource('csv', 'A CSV or TSV file with a heading.'),
    columnSource('parquet', 'A Parquet file.'),
    z.strictObject({
      dataset: z.literal('hub').describe('A dataset on the Hugging Face Hub, fetched once.'),
      repo: repo.describe('Its name, OWNER/NAME.'),
      ...hubKeys,
      as: z
        .enum(READINGS)
        .optional()
        .describe(
          'How its rows are read: as those of a published dataset, or by `fields`; otherwise told by their columns.',
        ),
      name,
      weight,
      take,
      level,
      fields,
      ...rowKeys,
    }),
    z.strictObject({
      dataset: z
        .enum(PUBLISHED_NAMES)
        .describe('A published set whose columns are known, from `path` or else from the Hugging Face Hub.'),
      path: path.optional().describe('File of it; fetched from the Hub otherwise.'),
      repo: repo.optional().describe('Another dataset on the Hub with the same columns, OWNER/NAME.'),
      ...hubKeys,
      name,
      weight,
      take,
      level,
      fields,
      ...rowKeys,
    }),
    z.strictObject({
      dataset: z.literal('symbolic').describe('Instances of GSM-Symbolic templates, generated from the seed.'),
      path: path.describe('Folder of the templates.'),
      name,
      weight,
      level: level.describe('Only these folders of templates: symbolic, p1, p2.'),
      count,
      splitBy: z
        .enum(['instance', 'template'])
        .default('instance')
        .describe('How the splits differ: in fresh numbers (`instance`) or in other templates (`template`).'),
    }),
    z.strictObject({
      dataset: z.literal('steps').describe('Arithmetic problems, generated from the seed.'),
      path: path.optional().describe('File of sentences to generate from; the shipped one otherwise.'),
      name,
      weight,
      level,
      count,
    }),
  ])
  .describe('One source of problems.')

const TRAIN_EXAMPLE = [{ dataset: 'gsm8k', path: 'data/gsm8k/train.jsonl' }]

export const problemsSection = z.strictObject({
  train: z
    .array(sourceSchema)
    .min(1, {
      error:
        'it needs at least one source. Write for example train: [{ dataset: gsm8k, path: data/gsm8k/train.jsonl }].',
    })
    .describe('Problems that are sampled and trained on.')
    .meta({ examples: [TRAIN_EXAMPLE] }),
  gate: z
    .array(sourceSchema)
    .default([])
    .describe('Problems that decide whether a checkpoint is kept, held out of `train`; none = no gate.'),
  evaluate: z
    .array(sourceSchema)
    .default([])
    .describe('Problems that reported numbers come from, held out of `train` and `gate`; none = no evaluation.'),
})

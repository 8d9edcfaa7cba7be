/** The importers by the name run.yaml gives them; a new dataset is a new line here. */

import { type DatasetKind, PUBLISHED_NAMES, type PublishedName } from '../../core/datasets.ts'
import type { Importer } from '../importer.ts'
import { asdivImporter } from './asdiv.ts'
import { csvImporter, jsonlImporter, parquetImporter } from './columns.ts'
import { gsm8kImporter } from './gsm8k.ts'
import { hubImporter, publishedImporter } from './hub.ts'
import { mathImporter } from './math.ts'
import { PUBLISHED } from './published.ts'
import { stepsImporter } from './steps.ts'
import { svampImporter } from './svamp.ts'
import { symbolicImporter } from './symbolic.ts'

const published = Object.fromEntries(
  PUBLISHED_NAMES.map((name) => [name, publishedImporter(PUBLISHED[name])]),
) as Record<PublishedName, Importer>

export const importers = {
  gsm8k: gsm8kImporter,
  math: mathImporter,
  svamp: svampImporter,
  asdiv: asdivImporter,
  jsonl: jsonlImporter,
  csv: csvImporter,
  parquet: parquetImporter,
  hub: hubImporter,
  symbolic: symbolicImporter,
  steps: stepsImporter,
  ...published,
} satisfies Record<DatasetKind, Importer>

/** The importers by the name run.yaml gives them; a new dataset is a new line here. */

import type { Importer } from '../importer.ts'
import type { DatasetKind } from '../source.ts'
import { asdivImporter } from './asdiv.ts'
import { csvImporter, jsonlImporter, parquetImporter } from './columns.ts'
import { gsm8kImporter } from './gsm8k.ts'
import { hubImporter } from './hub.ts'
import { mathImporter } from './math.ts'
import { stepsImporter } from './steps.ts'
import { svampImporter } from './svamp.ts'
import { symbolicImporter } from './symbolic.ts'

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
} satisfies Record<DatasetKind, Importer>

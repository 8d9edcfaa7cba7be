/** The importers by the name run.yaml gives them; a new dataset is a new line here. */

import { gsm8kImporter } from './gsm8k.ts'
import type { Importer } from './importer.ts'
import { jsonlImporter } from './jsonl.ts'
import type { DatasetKind } from './source.ts'
import { stepsImporter } from './steps-import.ts'

export const importers = {
  gsm8k: gsm8kImporter,
  jsonl: jsonlImporter,
  steps: stepsImporter,
} satisfies Record<DatasetKind, Importer>

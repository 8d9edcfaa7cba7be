/** What `export --dry-run` says to people. */

import { plural } from '../../core/words/plural.ts'
import type { ExportFormat } from '../../export/formats.ts'
import type { ExportSummary } from '../../export/summary.ts'
import { countLines, distributionLines } from './plot-text.ts'

export function renderCounts(format: ExportFormat, summary: ExportSummary): string {
  const { rows, problems, candidates, dropped, duplicates } = summary
  const left = Object.entries(dropped).map(([reason, count]) => `${reason} ${count}`)
  const lines = [
    `${rows} ${plural(rows, 'row')} of ${format} from ${problems} ${plural(problems, 'problem')}, out of ${candidates} ${plural(candidates, 'trace')}.`,
    ...(left.length === 0 ? [] : [`left out: ${left.join(', ')}`]),
    '',
    ...countLines('iteration', summary.iterations),
    ...countLines('level', summary.levels),
    ...countLines('source', summary.sources),
    ...countLines('finding', summary.labels),
    ...countLines('origin', summary.origins),
    ...countLines('rule', summary.rules),
    ...(rows === 0
      ? []
      : [
          ...distributionLines('tokens of the completion', summary.tokens),
          ...distributionLines('characters of the completion', summary.characters),
        ]),
    ...(duplicates
      ? [
          `duplicates of an earlier one of the problem  texts ${duplicates.exact}, equations ${duplicates.equations}, near ${duplicates.near}`,
        ]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

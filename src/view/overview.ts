/** A run at a glance: its status, its headline and the report's charts. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { headline } from '../report/headline.ts'
import { reportCharts } from '../report/html/report.ts'
import type { ReportView } from '../report/view.ts'
import { FOLDER } from '../run/folder.ts'
import type { Overview } from './wire.ts'

export async function overviewOf(view: ReportView, directory: string): Promise<Overview> {
  const { outcome, title, details } = headline(view)
  return {
    status: view.status,
    headline: { outcome, title, details },
    notes: view.notes,
    charts: (await reportCharts(view)).map(({ markup }) => markup),
    report: existsSync(join(directory, FOLDER.report)),
  }
}

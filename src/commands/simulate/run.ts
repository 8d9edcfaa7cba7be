/** The work of `simulate run`: the flags as a request, the what-if, and how it is shown. */

import { renderWhatIf } from '../../report/terminal/what-if.ts'
import { findRun } from '../../run/find-run.ts'
import { columnsOf, wantsColor, writeResult } from '../options.ts'
import { writePage } from '../write-page.ts'
import { whatIf } from './what-if.ts'

/** Flags of `simulate run`. */
export interface RunFlags {
  readonly policy?: readonly string[]
  readonly contraction?: Range
  readonly best?: Range
  readonly noise?: Range
  readonly draws: number
  readonly set?: readonly string[]
  readonly dir?: string
  readonly json?: boolean
  readonly html?: string
}

export interface Range {
  readonly low: number
  readonly high: number
}

/** @throws ConfigError where a flag cannot be used, or nothing has been measured */
export async function simulateRun(run: string, flags: RunFlags): Promise<void> {
  const found = findRun(run, { sets: flags.set ?? [], directory: flags.dir })
  const result = whatIf(found, {
    policies: flags.policy ?? [],
    contraction: flags.contraction,
    best: flags.best,
    noise: flags.noise,
    draws: flags.draws,
  })
  if (flags.html !== undefined) {
    const { renderWhatIfPage } = await import('../../report/html/what-if.ts')
    writePage(flags.html, await renderWhatIfPage(result))
  }
  const style = { color: wantsColor(process.stdout), width: columnsOf(process.stdout) }
  await writeResult(flags.json ? `${JSON.stringify(result, null, 2)}\n` : `${renderWhatIf(result, style)}\n`)
}

/** `doctor`'s findings for a terminal. */

import { styleText } from 'node:util'
import type { Finding, FindingLevel } from '../../core/finding.ts'
import { visibleLine } from '../../report/visible.ts'

const MARKS: Readonly<Record<FindingLevel, { readonly mark: string; readonly color: 'green' | 'yellow' | 'red' }>> = {
  ok: { mark: 'ok  ', color: 'green' },
  note: { mark: 'note', color: 'yellow' },
  problem: { mark: 'fix ', color: 'red' },
  unreachable: { mark: 'gone', color: 'red' },
}

/** One line a finding, its material indented below it. */
export function renderFindings(
  findings: readonly Finding[],
  options: { readonly color: boolean; readonly width: number },
): string {
  const lines = findings.flatMap((finding) => {
    const { mark, color } = MARKS[finding.level]
    const head = `${options.color ? styleText(color, mark, { validateStream: false }) : mark}  ${finding.subject}: ${visibleLine(finding.text)}`
    return [head, ...(finding.detail === undefined ? [] : detailLines(finding.detail))]
  })
  return `${lines.join('\n')}\n`
}

/** Model text is hostile: control characters, escape sequences among them, must not reach the terminal. */
function detailLines(detail: string): string[] {
  return detail.split('\n').map((line) => `        ${line.replace(/\p{Cc}|\p{Cf}/gu, '�')}`)
}

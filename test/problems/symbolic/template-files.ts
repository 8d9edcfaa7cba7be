/** Small templates for tests, written as their files are. */

import { folderWith } from '../files.ts'

export interface Draft {
  readonly question: string
  readonly init: readonly string[]
  readonly conditions?: readonly string[]
  readonly answer?: string
  readonly solution?: string
  /** Published question and answer. */
  readonly published?: readonly [question: string, answer: string]
  readonly parent?: number
}

export function templateText(draft: Draft): string {
  const { question, init, conditions = [], answer = 'n', solution = '#### {n}', published = ['', ''] } = draft
  const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n')
  const sections = conditions.length === 0 ? '' : `\n\n#conditions:\n${bullets(conditions)}`
  return JSON.stringify(
    {
      question: published[0],
      answer: published[1],
      id_orig: draft.parent ?? 7,
      id_shuffled: 0,
      question_annotated: `${question}\n\n#init:\n${bullets(init)}${sections}\n\n#answer: ${answer}`,
      answer_annotated: solution,
    },
    null,
    2,
  )
}

export function templateFolder(drafts: Readonly<Record<string, Draft | string>>): string {
  const files = Object.entries(drafts).map(([name, draft]) => [
    `${name}.json`,
    typeof draft === 'string' ? draft : templateText(draft),
  ])
  return folderWith(Object.fromEntries(files))
}

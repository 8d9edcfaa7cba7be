/** `problems generate`: a folder of templates in, one file of instances out. */

import { writeRows } from './files/write-rows.ts'
import { type GenerateOptions, type GenerateReport, generateSymbolic } from './symbolic/generate.ts'

export interface GeneratedFile extends GenerateReport {
  readonly out: string
  readonly rows: number
}

/** @throws ConfigError when no template can be used or the file cannot be written; nothing is written then */
export function generateFile({ out, ...options }: GenerateOptions & { readonly out: string }): GeneratedFile {
  let rows = 0
  const report = writeRows(out, (write) =>
    generateSymbolic(options, (instances) => {
      rows += instances.length
      for (const instance of instances) write(instance)
    }),
  )
  return { out, rows, ...report }
}

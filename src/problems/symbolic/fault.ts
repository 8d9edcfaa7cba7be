/** What can be wrong with a template: a sentence for people, and whether other drawn values could avoid it. */

import { ConfigError } from '../../core/errors.ts'

/** A form, function or value that this reader of templates cannot use. */
export class TemplateFault extends ConfigError {
  /** True for a division by zero and its like: only these drawn values are at fault, others may do. */
  readonly isOfValues: boolean
  constructor(message: string, options: { readonly isOfValues?: boolean; readonly cause?: unknown } = {}) {
    super(message, options)
    this.isOfValues = options.isOfValues ?? false
  }
}

/** A fault of the drawn values alone; the draw is rejected and the next one tried. */
export function valueFault(message: string): TemplateFault {
  return new TemplateFault(message, { isOfValues: true })
}

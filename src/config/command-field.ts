/** A command line as a list of arguments, with its placeholders checked. */

import { z } from 'zod'
import { placeholdersIn } from '../core/placeholders.ts'

/**
 * A schema for an argument list.
 * @param known placeholders that may occur
 * @param required placeholders that must occur somewhere
 */
export function commandSchema(known: readonly string[], required: readonly string[]) {
  return z
    .array(z.string())
    .min(1, { error: 'it needs at least the program to run.' })
    .superRefine((argv, context) => {
      argv.forEach((argument, index) => {
        for (const name of placeholdersIn(argument)) {
          if (known.includes(name)) continue
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `{${name}} is not a placeholder. Write one of ${braced(known)}.`,
          })
        }
      })
      const used = new Set(argv.flatMap(placeholdersIn))
      const missing = required.filter((name) => !used.has(name))
      if (missing.length === 0) return
      const one = missing.length === 1
      context.addIssue({
        code: 'custom',
        message: `it must say where ${braced(missing)} ${one ? 'goes. Add it as an argument' : 'go. Add them as arguments'} of the program.`,
      })
    })
}

function braced(names: readonly string[]): string {
  return names.map((name) => `{${name}}`).join(' ')
}

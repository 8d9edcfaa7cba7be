/** Placeholders in a command's arguments: argv in, argv out, never a shell string. */

/**
 * Fills `{name}` in every argument. Values are inserted as they are and not looked at again.
 * @throws RangeError naming a placeholder that has no value
 */
export function fillPlaceholders(
  argv: readonly string[],
  values: Readonly<Record<string, string | number | undefined>>,
): string[] {
  return argv.map((argument) =>
    argument.replace(/\{([a-zA-Z0-9]+)\}/g, (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new RangeError(`{${name}} has no value here`)
      return String(value)
    }),
  )
}

/** Which environment variables hold keys and tokens: every one that run.yaml names as such. */

/** @param config a configuration, or a part of one */
export function keyVariables(config: unknown): string[] {
  if (typeof config !== 'object' || config === null) return []
  return Object.entries(config).flatMap(([name, value]) =>
    /(?:Key|^token)Env$/.test(name) && typeof value === 'string' ? [value] : keyVariables(value),
  )
}

/** Which environment variables hold keys and tokens: every one that run.yaml names as such. */

/** @param config a configuration, or a part of one */
export function keyVariables(config: unknown): string[] {
  return variablesUnder(config, /(?:Key|^token)Env$/)
}

/** Those without which a server refuses; a token of the Hub is another matter. */
export function apiKeyVariables(config: unknown): string[] {
  return variablesUnder(config, /^apiKeyEnv$/)
}

function variablesUnder(config: unknown, named: RegExp): string[] {
  if (typeof config !== 'object' || config === null) return []
  return Object.entries(config).flatMap(([name, value]) =>
    named.test(name) && typeof value === 'string' ? [value] : variablesUnder(value, named),
  )
}

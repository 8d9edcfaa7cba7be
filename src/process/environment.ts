/** The environment of what spendwise starts: its own, minus the keys that run.yaml names, plus what run.yaml adds. */

/** Variables to add by name; null passes on spendwise's own, also where it is one of the keys. */
export type AddedVariables = Readonly<Record<string, string | null>>

/**
 * @param ours spendwise's own environment
 * @param keys names of the variables that hold keys: nobody gets them who is not named
 */
export function childEnvironment(
  ours: NodeJS.ProcessEnv,
  keys: readonly string[],
  added: AddedVariables,
): NodeJS.ProcessEnv {
  const kept = Object.entries(ours).filter(([name]) => !keys.includes(name))
  const more = Object.entries(added).map(([name, value]) => [name, value ?? ours[name]] as const)
  return Object.fromEntries([...kept, ...more.filter(([, value]) => value !== undefined)])
}

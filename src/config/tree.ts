/** Reading and changing plain data by a path of keys, without touching the original. */

export type Path = readonly (string | number)[]

export type Mapping = { readonly [key: string]: unknown }

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path; undefined where the path leads nowhere. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)]
    else if (isMapping(value) && Object.hasOwn(value, key)) value = value[key]
    else return undefined
  }
  return value
}

/**
 * A copy of the tree with another value at the path; missing maps and lists are made, a list grows by one at most.
 * @returns undefined where the path goes through something that is neither a map nor a list
 */
export function withValueAt(tree: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const list = tree === undefined && String(key) === '0' ? [] : tree
  if (Array.isArray(list)) {
    const index = /^\d+$/.test(String(key)) ? Number(key) : Number.NaN
    if (!(index <= list.length)) return undefined
    const child = withValueAt(list[index], rest, value)
    return child === undefined ? undefined : [...list.slice(0, index), child, ...list.slice(index + 1)]
  }
  if (tree !== undefined && tree !== null && !isMapping(tree)) return undefined
  const child = withValueAt(valueAt(tree, [key]), rest, value)
  return child === undefined ? undefined : { ...tree, [key]: child }
}

/** `problems.train.0.weight`: the spelling that messages and --set share. */
export function dotted(path: Path): string {
  return path.join('.')
}

/** `extends: FILE`: shared parts of run.yaml files, merged key by key; the nearer file wins. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { ConfigError, codeOf } from '../core/errors.ts'
import { type ConfigDocument, readDocument } from './document.ts'
import { dotted, isMapping, type Mapping, type Path, valueAt, withValueAt } from './tree.ts'

/** One file of a configuration. */
export interface Layer {
  /** How messages name it. */
  readonly file: string
  readonly document: ConfigDocument
  /** What it says, without `extends`; paths are relative to the nearest file. */
  readonly tree: unknown
}

/**
 * The file and those that it extends, the nearest first.
 * @param path absolute path of the file; left out, it cannot extend another
 * @throws ConfigError for a file that is not there, extends itself, or is not sound YAML
 */
export function readLayers(text: string, file: string, path: string | undefined): [Layer, ...Layer[]] {
  const document = readDocument(text, file)
  const layers: [Layer, ...Layer[]] = [{ file, document, tree: withoutExtends(document.tree) }]
  if (path === undefined) {
    if (isMapping(document.tree) && document.tree.extends !== undefined)
      throw new ConfigError(`${file}  extends another file, which only a file can; write its keys here.`)
    return layers
  }
  const home = dirname(path)
  const seen = [path]
  for (let nearer = { file, path, document }; ; ) {
    const base = baseOf(nearer)
    if (base === undefined) return layers
    if (seen.includes(base.path)) {
      throw new ConfigError(
        `${nearer.file}:${nearer.document.lineOf(['extends'])}  extends ${base.written}, which leads back to itself; take one extends of the circle out.`,
      )
    }
    seen.push(base.path)
    const shown = relative(process.cwd(), base.path) || base.path
    const own = readDocument(readBase(base, nearer), shown)
    const tree = movedPaths(withoutExtends(own.tree), dirname(base.path), home)
    layers.push({ file: shown, document: own, tree })
    nearer = { file: shown, path: base.path, document: own }
  }
}

interface Nearer {
  readonly file: string
  readonly path: string
  readonly document: ConfigDocument
}

interface Base {
  readonly path: string
  readonly written: string
}

function baseOf({ file, path, document }: Nearer): Base | undefined {
  const written = valueAt(document.tree, ['extends'])
  if (written === undefined || written === null) return undefined
  if (typeof written === 'string' && written.trim() !== '') return { path: resolve(dirname(path), written), written }
  throw new ConfigError(
    `${file}:${document.lineOf(['extends'])}  extends is ${JSON.stringify(written)}; it is the path of one file, relative to this one.`,
  )
}

function readBase({ path, written }: Base, { file, document }: Nearer): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = codeOf(cause) === 'ENOENT' ? 'does not exist' : `cannot be read (${codeOf(cause)})`
    throw new ConfigError(
      `${file}:${document.lineOf(['extends'])}  extends ${written}, but ${path} ${why}; the path is relative to this file.`,
      { cause },
    )
  }
}

function withoutExtends(tree: unknown): unknown {
  if (!isMapping(tree)) return tree
  const { extends: _, ...rest } = tree
  return rest
}

/** All layers as one tree. Maps are merged; a list, a value, or a map of another `kind` is taken whole from the nearer file. */
export function mergeLayers(layers: readonly Layer[]): unknown {
  return layers.map(({ tree }) => tree).reduceRight((base, nearer) => merged(base, nearer))
}

function merged(base: unknown, nearer: unknown): unknown {
  if (nearer === undefined) return base
  if (!isMapping(base) || !isMapping(nearer) || isOther(base, nearer)) return nearer
  const keys = [...new Set([...Object.keys(nearer), ...Object.keys(base)])]
  return Object.fromEntries(
    keys.map((key) => [key, Object.hasOwn(nearer, key) ? merged(base[key], nearer[key]) : base[key]]),
  )
}

/** A section of another kind, dataset or unit has other keys. */
function isOther(base: Mapping, nearer: Mapping): boolean {
  return ['kind', 'unit'].some(
    (key) => nearer[key] !== undefined && base[key] !== undefined && nearer[key] !== base[key],
  )
}

/** The layer that a value comes from; the nearest where nobody wrote it. */
export function layerOf(layers: readonly [Layer, ...Layer[]], path: Path): Layer {
  return layers.find(({ tree }) => valueAt(tree, path) !== undefined) ?? layers[0]
}

/** For each file but the nearest, what comes from it: keys, the shortest that hold nothing of another file. */
export function inheritedKeys(
  layers: readonly [Layer, ...Layer[]],
): { readonly file: string; readonly keys: string[] }[] {
  const tree = mergeLayers(layers)
  const filesIn = (value: unknown, path: Path): Set<string> => {
    if (isMapping(value) && Object.keys(value).length > 0) {
      return new Set(Object.entries(value).flatMap(([key, child]) => [...filesIn(child, [...path, key])]))
    }
    return new Set([layerOf(layers, path).file])
  }
  const keysOf = (file: string, value: unknown, path: Path): string[] => {
    const files = filesIn(value, path)
    if (!files.has(file)) return []
    if (files.size === 1 && path.length > 0) return [dotted(path)]
    return isMapping(value) ? Object.entries(value).flatMap(([key, child]) => keysOf(file, child, [...path, key])) : []
  }
  return layers.slice(1).flatMap(({ file }) => {
    const keys = keysOf(file, tree, []).toSorted()
    return keys.length === 0 ? [] : [{ file, keys }]
  })
}

/** Keys that are paths; `*` is every entry of a list. A name on the Hub may stand for `base`, so that one is moved only where it is there. */
const PATHS: readonly (readonly string[])[] = [
  ['problems', 'train', '*', 'path'],
  ['problems', 'gate', '*', 'path'],
  ['problems', 'evaluate', '*', 'path'],
  ['prompt', 'sampling'],
  ['prompt', 'training'],
  ['prompt', 'evaluation'],
  ['export', 'decontaminate', '*', 'path'],
]

/** A file's paths are relative to it; here they are written as seen from the nearest one. Commands run where that one lies. */
function movedPaths(tree: unknown, from: string, to: string): unknown {
  if (from === to) return tree
  const move = (path: string): string => relative(to, resolve(from, path))
  const base = valueAt(tree, ['base'])
  const isHere = typeof base === 'string' && existsSync(resolve(from, base))
  const based = isHere ? withValueAt(tree, ['base'], move(base)) : tree
  return PATHS.flatMap((pattern) => placesOf(based, pattern, [])).reduce<unknown>((moved, place) => {
    const value = valueAt(moved, place)
    return typeof value === 'string' ? withValueAt(moved, place, move(value)) : moved
  }, based)
}

function placesOf(tree: unknown, [first, ...rest]: readonly string[], path: Path): Path[] {
  if (first === undefined) return [path]
  if (first !== '*') return placesOf(tree, rest, [...path, first])
  const list = valueAt(tree, path)
  return Array.isArray(list) ? list.flatMap((_, place) => placesOf(tree, rest, [...path, place])) : []
}

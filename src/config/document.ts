/** YAML text to plain data, with the line of every key; what is not sound YAML is refused with its place. */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { ConfigError, messageOf } from '../core/errors.ts'
import type { Path } from './tree.ts'

// Enough for anchors written by hand; nested aliases multiply, and a small file could otherwise fill the memory.
const MAX_ALIASES = 100

export interface ConfigDocument {
  readonly tree: unknown
  /** Line (from 1) of the key or list entry at a path, or of its nearest ancestor that is written down. */
  lineOf(path: Path): number
}

/** @throws ConfigError for malformed YAML, duplicate keys, unknown tags, and aliases that multiply */
export function readDocument(text: string, file: string): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: true,
    logLevel: 'error',
  })
  // Only the first: the others mostly follow from it.
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault) {
    const { line } = lines.linePos(fault.pos[0])
    throw new ConfigError(`${file}:${line}  is not valid YAML: ${wordsOf(fault)}`, { cause: fault })
  }
  return { tree: toData(document, file), lineOf: (path) => lines.linePos(offsetOf(document, path)).line }
}

/** A value as --set takes it: a YAML scalar, or a list or map in flow style. */
export function readValue(text: string, flag: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, stringKeys: true, logLevel: 'error' })
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault) throw new ConfigError(`${flag}  has a value that is not valid YAML: ${wordsOf(fault)}`)
  return toData(document, flag)
}

function toData(document: Document.Parsed, place: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown
  } catch (cause) {
    throw new ConfigError(`${place}  cannot be read: ${asSentence(messageOf(cause))}`, {
      cause,
    })
  }
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = startOf(document.contents) ?? 0
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (!pair) break
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      const start = startOf(node)
      if (start === undefined) break
      offset = start
    } else break
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

function wordsOf(fault: YAMLError): string {
  return fault.code === 'MULTIPLE_DOCS'
    ? 'it holds several documents; keep one run in a file.'
    : asSentence(fault.message)
}

function asSentence(message: string): string {
  const text = message.trim().replace(/\s+/g, ' ')
  return /[.!?]$/.test(text) ? text : `${text}.`
}

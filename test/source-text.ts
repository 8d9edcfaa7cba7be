/** TypeScript sources as the architecture test reads them: what is code, what is a comment, and what a file imports. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '..')

export interface SourceFile {
  /** Relative to the project, with slashes. */
  readonly path: string
  readonly lines: number
  /** Comments blanked out; line breaks stay, so that offsets tell lines. */
  readonly code: string
  /** Comments and what stands inside of strings blanked out. */
  readonly bare: string
}

export const IMPORT_FORMS = ['static', 'type', 'reexport', 'dynamic', 'url'] as const
/** `url`: `new URL('./worker.ts', import.meta.url)`, how workers and assets are named. */
export type ImportForm = (typeof IMPORT_FORMS)[number]

export interface Import {
  readonly form: ImportForm
  readonly from: string
  readonly line: number
  /** As written. */
  readonly specifier: string
}

/** Every file below a folder of the project whose name ends so. */
export function readSources(folder: string, ending: string): SourceFile[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith(ending))
    .sort()
    .map((path) => toSource(path, readFileSync(join(PROJECT, path), 'utf8')))
}

export function toSource(path: string, text: string): SourceFile {
  return { path, lines: text.trimEnd().split('\n').length, ...strip(text) }
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

const SPECIFIER = `\\s*(['"\`])(?<specifier>[^'"\`]+)\\1`
const FORMS: readonly (readonly [ImportForm, RegExp])[] = [
  ['type', new RegExp(`^import\\s+type\\s[^'"]*?\\sfrom${SPECIFIER}`, 'gm')],
  ['static', new RegExp(`^import(?!\\s+type\\s)(?:\\s[^'"()]*?\\sfrom|(?=\\s*['"]))${SPECIFIER}`, 'gm')],
  ['reexport', new RegExp(`^export\\s+(?:type\\s+)?(?:\\*|\\{)[^'"]*?\\sfrom${SPECIFIER}`, 'gm')],
  ['dynamic', new RegExp(`\\bimport\\(${SPECIFIER}`, 'g')],
  ['url', new RegExp(`\\bnew URL\\(${SPECIFIER}\\s*,\\s*import\\.meta\\.url`, 'g')],
]

/** Everything a file names to be loaded, in the order of its lines. */
export function importsOf(file: SourceFile): Import[] {
  const found = FORMS.flatMap(([form, pattern]) =>
    Array.from(file.code.matchAll(pattern), (match) => {
      const specifier = match.groups?.specifier ?? ''
      const line = lineOf(file.code, match.index + match[0].lastIndexOf(specifier))
      // An import that takes nothing but types leaves no trace at run time.
      const isTypes = form === 'static' && /^import\s*\{(?:\s*type\s+\w+(?:\s+as\s+\w+)?\s*,?)+\}/.test(match[0])
      return { form: isTypes ? ('type' as const) : form, from: file.path, line, specifier }
    }),
  )
  return found.sort((a, b) => a.line - b.line)
}

/** The project's file an import means; undefined for packages, Node's own modules and assets. */
export function targetOf({ from, specifier, form }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  // Workers are named './worker' + this file's own ending, so that the name also holds in a build.
  const name = specifier.replace(/\$\{import\.meta\.url\.slice\(-3\)\}$/, '.ts')
  if (form === 'url' && !name.endsWith('.ts')) return undefined
  return posix.join(posix.dirname(from), name)
}

/** The package an import means, without its inner path; undefined for files and Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Reads character by character: strings, templates, comments and regular expressions can each look like another. */
function strip(text: string): { code: string; bare: string } {
  let code = ''
  let bare = ''
  let at = 0
  // Depths of braces at which a template continues after its `${…}`.
  const templates: number[] = []
  let depth = 0
  const take = (length: number, inCode: boolean, inBare: boolean): void => {
    const piece = text.slice(at, at + length)
    const blank = piece.replace(/[^\n]/g, ' ')
    code += inCode ? piece : blank
    bare += inBare ? piece : blank
    at += length
  }
  const takeTemplate = (): void => {
    const match = /^(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/.exec(text.slice(at))
    take(match?.[0].length ?? 0, true, false)
    const opens = text[at] === '$'
    if (opens) templates.push(depth++)
    take(opens ? 2 : 1, true, true)
  }
  while (at < text.length) {
    const rest = text.slice(at, at + 2)
    if (rest === '//') take(lengthTo(text, at, '\n'), false, false)
    else if (rest === '/*') take(lengthTo(text, at + 2, '*/') + 4, false, false)
    else if (rest[0] === "'" || rest[0] === '"') {
      const match = /^(['"])(?:\\.|(?!\1).)*/.exec(text.slice(at))
      take(1, true, true)
      take((match?.[0].length ?? 1) - 1, true, false)
      take(1, true, true)
    } else if (rest[0] === '`') {
      take(1, true, true)
      takeTemplate()
    } else if (rest[0] === '}' && templates.at(-1) === depth - 1) {
      depth = templates.pop() ?? 0
      take(1, true, true)
      takeTemplate()
    } else if (rest[0] === '/' && /(?:^|[=(,:;[!&|?{}>+*~^%-]|\breturn|\btypeof)\s*$/.test(bare.slice(-80))) {
      const match = /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\/\w*/.exec(text.slice(at))
      take(match?.[0].length ?? 1, true, false)
    } else {
      if (rest[0] === '{') depth++
      if (rest[0] === '}') depth--
      take(1, true, true)
    }
  }
  return { code, bare }
}

function lengthTo(text: string, from: number, mark: string): number {
  const end = text.indexOf(mark, from)
  return (end < 0 ? text.length : end) - from
}

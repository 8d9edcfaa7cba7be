/**
 * Fetched datasets on the disk, in the layout of Python's huggingface_hub: files lie under snapshots/COMMIT. What is ours
 * alone lies next to them: which commit a revision was when it was first asked for, and what files that commit has.
 */

import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../core/errors.ts'
import { writeWhole } from '../disk/whole-file.ts'

/** A file of a commit. */
export interface HubFile {
  readonly path: string
  readonly bytes: number
  /** Of its content: sha256 of a large file, git's sha1 of a small one; undefined where the Hub does not say. */
  readonly hash: { readonly kind: 'sha256' | 'git'; readonly value: string } | undefined
}

export interface HubCache {
  /** The commit a branch or tag was pinned to; undefined when it has not been asked for. */
  readonly pinned: (revision: string) => string | undefined
  readonly pin: (revision: string, commit: string) => void
  /** The files of a commit; undefined when they have not been listed. */
  readonly files: (commit: string) => readonly HubFile[] | undefined
  readonly keepFiles: (commit: string, files: readonly HubFile[]) => void
  /** Where a file of a commit lies, or would. */
  readonly place: (commit: string, path: string) => string
  /** Whether it is there, whole. */
  readonly has: (commit: string, file: HubFile) => boolean
}

const hash = z.strictObject({ kind: z.enum(['sha256', 'git']), value: z.string() })
const listing = z.array(z.strictObject({ path: z.string(), bytes: z.number(), hash: hash.optional() }))

/** The cache of one dataset. @throws ConfigError where a path or revision would lead out of it */
export function openHubCache(cache: string, repo: string): HubCache {
  const folder = join(cache, `datasets--${repo.replace('/', '--')}`)
  const own = join(folder, '.spendwise')
  const place = (commit: string, path: string) => join(folder, 'snapshots', commit, inside(path))
  return {
    pinned: (revision) => readText(join(own, 'refs', inside(revision)))?.trim(),
    pin: (revision, commit) => write(join(own, 'refs', inside(revision)), `${commit}\n`),
    files: (commit) => parseListing(readText(join(own, `${commit}.json`))),
    keepFiles: (commit, files) => write(join(own, `${commit}.json`), JSON.stringify(files)),
    place,
    has: (commit, file) => sizeOf(place(commit, file.path)) === file.bytes,
  }
}

/** A name that comes from elsewhere stays below the folder it is joined to. */
function inside(path: string): string {
  const parts = path.split('/')
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\\0]/.test(part))) return path
  throw new ConfigError(`${JSON.stringify(path)} is no path within a dataset; name a file, branch or tag.`)
}

/** A listing that cannot be read is asked for again. */
function parseListing(text: string | undefined): readonly HubFile[] | undefined {
  if (text === undefined) return undefined
  try {
    return listing.parse(JSON.parse(text)).map((file) => ({ ...file, hash: file.hash }))
  } catch {
    return undefined
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw refused(path, error)
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size
  } catch (error) {
    if (isMissing(error)) return undefined
    throw refused(path, error)
  }
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeWhole(path, text)
  } catch (error) {
    throw refused(path, error)
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** What to say when the disk refuses. */
export function refused(path: string, cause: unknown): ConfigError {
  return new ConfigError(
    `${path}  cannot be used (${(cause as Error).message}); free some space, or name another cache with HF_HUB_CACHE.`,
    { cause },
  )
}

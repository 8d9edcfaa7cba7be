/** Brings the files of a dataset on the Hub into the cache: pinned to a commit, checked, and never asked for again. */

import { createHash } from 'node:crypto'
import { createWriteStream, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { ConfigError, Interrupted, ServerError } from '../core/errors.ts'
import { readCard } from './card.ts'
import { type ChosenFiles, chooseFiles, type FileChoice } from './choose-files.ts'
import type { HubAccess } from './hub-access.ts'
import { type HubCache, type HubFile, openHubCache, refused } from './hub-cache.ts'
import { hubError } from './hub-error.ts'
import { createHubFetch } from './hub-fetch.ts'
import { requireName } from './hub-name.ts'

/** A dataset by its name, and which of its rows. */
export interface HubSource extends FileChoice {
  /** `openai/gsm8k` */
  readonly repo: string
  /** A commit, branch or tag. Default: main, as it was when it was first fetched. */
  readonly revision?: string | undefined
}

export interface FetchOptions {
  readonly signal?: AbortSignal
  /** Asks again which commit a branch is. */
  readonly refresh?: boolean
  /** Asks nothing: what has not been fetched is an error. */
  readonly cachedOnly?: boolean
  /** Larger files are refused before they are fetched. */
  readonly mostBytes?: number
  /** Between a request that failed and its repetition. */
  readonly pauseMs?: number
}

export interface FetchedDataset extends ChosenFiles {
  readonly repo: string
  /** The commit, 40 hexadecimal digits. */
  readonly commit: string
  /** `files` as they lie on the disk, absolute, in the same order. */
  readonly paths: readonly string[]
  /** Bytes fetched now; 0 where all of it was there. */
  readonly fetchedBytes: number
}

/** A dataset that may not be asked for, and has not been fetched. */
export class NotFetched extends ConfigError {}

const COMMIT = /^[0-9a-f]{40}$/
const CARD = 'README.md'
/** A card is text for people; what is longer is not read for its head. */
const LARGEST_CARD = 5_000_000

/**
 * @throws ConfigError for a name, config, split or file that the Hub does not have, ServerError when it cannot be reached
 */
export async function fetchDataset(
  source: HubSource,
  access: HubAccess,
  options: FetchOptions = {},
): Promise<FetchedDataset> {
  requireName(source.repo)
  const fetching: Fetching = { source, access, options, cache: openHubCache(access.cache, source.repo) }
  try {
    return await bring(fetching)
  } catch (error) {
    if (options.signal?.aborted) throw new Interrupted()
    throw hubError(error, `hub:${source.repo}  cannot be fetched`, access) ?? error
  }
}

interface Fetching {
  readonly source: HubSource
  readonly access: HubAccess
  readonly options: FetchOptions
  readonly cache: HubCache
}

async function bring(fetching: Fetching): Promise<FetchedDataset> {
  const { source, cache } = fetching
  const commit = await commitOf(fetching)
  const listed = cache.files(commit) ?? (await listFiles(fetching, commit))
  const card = listed.find(({ path }) => path === CARD && source.file === undefined)
  let fetchedBytes = 0
  const ensure = async (file: HubFile): Promise<string> => {
    if (!cache.has(commit, file)) {
      await download(fetching, commit, file)
      fetchedBytes += file.bytes
    }
    return cache.place(commit, file.path)
  }
  const configs =
    card === undefined || card.bytes > LARGEST_CARD ? [] : readCard(readFileSync(await ensure(card), 'utf8'))
  const chosen = chooseFiles(
    listed.map(({ path }) => path),
    configs,
    source,
    source.repo,
  )
  const paths: string[] = []
  for (const path of chosen.files) {
    const file = listed.find((one) => one.path === path)
    if (file !== undefined) paths.push(await ensure(file))
  }
  return { ...chosen, repo: source.repo, commit, paths, fetchedBytes }
}

/** The commit that a revision is, or was when it was first asked for. */
async function commitOf(fetching: Fetching): Promise<string> {
  const { source, access, options, cache } = fetching
  const revision = source.revision ?? 'main'
  if (COMMIT.test(revision)) return revision
  const pinned = options.refresh ? undefined : cache.pinned(revision)
  if (pinned !== undefined && COMMIT.test(pinned)) return pinned
  requireContact(fetching)
  const { datasetInfo } = await import('@huggingface/hub')
  const { sha } = await datasetInfo({
    name: source.repo,
    revision,
    additionalFields: ['sha'],
    ...requestOf(access, options),
  })
  if (!COMMIT.test(sha)) throw new ServerError(`hub:${source.repo}  ${access.url} names no commit for ${revision}.`)
  cache.pin(revision, sha)
  return sha
}

async function listFiles(fetching: Fetching, commit: string): Promise<readonly HubFile[]> {
  const { source, access, options, cache } = fetching
  requireContact(fetching)
  const hub = await import('@huggingface/hub')
  const files: HubFile[] = []
  const request = { repo: { type: 'dataset', name: source.repo } as const, revision: commit, recursive: true }
  for await (const entry of hub.listFiles({ ...request, ...requestOf(access, options) })) {
    if (entry.type !== 'file') continue
    const hash: HubFile['hash'] =
      entry.lfs !== undefined
        ? { kind: 'sha256', value: entry.lfs.oid }
        : entry.oid !== undefined
          ? { kind: 'git', value: entry.oid }
          : undefined
    files.push({ path: entry.path, bytes: entry.lfs?.size ?? entry.size, hash })
  }
  cache.keepFiles(commit, files)
  return files
}

/** Streams a file to where it belongs, by one rename, once its size and hash are what the Hub says. */
async function download(fetching: Fetching, commit: string, file: HubFile): Promise<void> {
  const { source, access, options, cache } = fetching
  const name = `hub:${source.repo}  ${file.path}`
  if (options.mostBytes !== undefined && file.bytes > options.mostBytes) {
    const [size, most] = [file.bytes, options.mostBytes].map((bytes) => (bytes / 1e6).toFixed(0))
    throw new ConfigError(`${name} has ${size} MB, above the ${most} MB that are read; name a smaller file with file.`)
  }
  requireContact(fetching)
  const hub = await import('@huggingface/hub')
  const request = { repo: { type: 'dataset', name: source.repo } as const, path: file.path, revision: commit }
  const content = await hub.downloadFile({ ...request, xet: false, ...requestOf(access, options) })
  if (content === null) throw new ServerError(`${name} is listed at ${access.url} and not there; try again later.`)
  const place = cache.place(commit, file.path)
  const partial = `${place}.${process.pid}.incomplete`
  try {
    mkdirSync(dirname(place), { recursive: true })
    const { bytes, hash } = await save(content.stream() as ReadableStream<Uint8Array>, file, partial)
    if (bytes !== file.bytes || (file.hash !== undefined && hash !== file.hash.value)) {
      throw new ServerError(`${name} came with ${bytes} of ${file.bytes} bytes or other content; try again.`)
    }
    renameSync(partial, place)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error instanceof Error && 'syscall' in error && 'path' in error ? refused(place, error) : error
  }
}

async function save(
  content: ReadableStream<Uint8Array>,
  { bytes: expected, hash: kind }: HubFile,
  path: string,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  // Git hashes a file behind its kind and size.
  const hash = createHash(kind?.kind === 'git' ? 'sha1' : 'sha256')
  if (kind?.kind === 'git') hash.update(`blob ${expected}\0`)
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(Readable.fromWeb(content), counted, createWriteStream(path))
  return { bytes, hash: hash.digest('hex') }
}

function requestOf({ url, token }: HubAccess, { signal, pauseMs }: FetchOptions) {
  return { hubUrl: url, fetch: createHubFetch(signal, pauseMs), ...(token === undefined ? {} : { accessToken: token }) }
}

function requireContact({ source, access, options }: Fetching): void {
  const name = `hub:${source.repo}`
  if (options.cachedOnly) {
    throw new NotFetched(`${name}  has not been fetched yet; spendwise doctor, run or problems import fetch it.`)
  }
  if (access.offline) {
    throw new NotFetched(`${name}  has not been fetched yet, and HF_HUB_OFFLINE is set; unset it once to fetch it.`)
  }
}

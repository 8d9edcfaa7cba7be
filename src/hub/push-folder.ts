/** Puts a folder on the Hugging Face Hub as a dataset: one commit, with everything in it. */

import { readdirSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, Interrupted } from '../core/errors.ts'
import type { HubAccess } from './hub-access.ts'
import { hubError } from './hub-error.ts'
import { createHubFetch } from './hub-fetch.ts'
import { requireName } from './hub-name.ts'

export interface PushOptions {
  /** Of a dataset that is rebuilt; an existing one stays what it is. */
  readonly isPublic: boolean
  readonly message: string
  readonly signal?: AbortSignal
  /** Between a request that failed and its repetition. */
  readonly pauseMs?: number
}

export interface PushedFolder {
  readonly repo: string
  /** Of the dataset's page. */
  readonly url: string
  readonly commit: string
  readonly files: number
  readonly bytes: number
  /** False where the dataset was there before. */
  readonly isNew: boolean
}

/**
 * Files of the dataset that the folder does not have stay as they are. A push that fails changes nothing: files become
 * visible by the commit, which comes last.
 * @throws ConfigError for a name or folder that cannot be used, or where HF_TOKEN is missing or may not write; ServerError
 *   when the Hub cannot be reached
 */
export async function pushFolder(
  folder: string,
  repo: string,
  access: HubAccess,
  options: PushOptions,
): Promise<PushedFolder> {
  requireName(repo)
  if (!repo.includes('/')) throw new ConfigError(`"${repo}" has no owner; write OWNER/NAME, like me/my-traces.`)
  const { token } = access
  if (token === undefined) throw new ConfigError('Pushing needs HF_TOKEN in the environment, a token that may write.')
  if (access.offline) throw new ConfigError('HF_HUB_OFFLINE is set; unset it to push.')
  const files = filesIn(folder)
  const request = { accessToken: token, hubUrl: access.url, fetch: createHubFetch(options.signal, options.pauseMs) }
  const name = { type: 'dataset', name: repo } as const
  try {
    const hub = await import('@huggingface/hub')
    const isNew = await hub
      .createRepo({ ...request, repo: name, visibility: options.isPublic ? 'public' : 'private' })
      .then(() => true)
      .catch(forgiveExisting)
    const done = await hub.uploadFiles({
      ...request,
      repo: name,
      files: files.map(({ path, file }) => ({ path, content: pathToFileURL(file) })),
      commitTitle: options.message,
      ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
    })
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const url = `${access.url}/datasets/${repo}`
    return { repo, url, commit: done?.commit.oid ?? '', files: files.length, bytes, isNew }
  } catch (error) {
    if (options.signal?.aborted) throw new Interrupted('Interrupted; nothing was changed on the Hub.')
    throw hubError(error, `${repo}  cannot be pushed to`, access) ?? error
  }
}

/** A dataset that is there is pushed to. */
function forgiveExisting(error: unknown): false {
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 409) return false
  throw error
}

interface FolderFile {
  /** With slashes, as the dataset has it. */
  readonly path: string
  readonly file: string
  readonly bytes: number
}

/** Files whose names begin with a dot stay at home. */
function filesIn(folder: string): readonly FolderFile[] {
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (cause) {
    throw new ConfigError(
      `${folder}  is no folder that can be read; name a dataset folder, as export --out DIR/ makes.`,
      {
        cause,
      },
    )
  }
  const files = names
    .filter((name) => !name.split(sep).some((part) => part.startsWith('.')))
    .map((name) => ({ path: name.split(sep).join('/'), file: join(folder, name), state: statSync(join(folder, name)) }))
    .filter(({ state }) => state.isFile())
    .map(({ path, file, state }) => ({ path, file, bytes: state.size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  if (files.length === 0) throw new ConfigError(`${folder}  holds no files; export --out DIR/ makes a dataset folder.`)
  return files
}

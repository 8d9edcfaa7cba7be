/** What the environment says about the Hugging Face Hub: where it is, who asks, and where fetched files are kept. */

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigError } from '../core/errors.ts'

export interface HubAccess {
  /** Without a slash at its end. */
  readonly url: string
  /** Undefined for what anyone may read. Never stored, never printed. */
  readonly token: string | undefined
  /** The folder that Python's huggingface_hub uses too, absolute. */
  readonly cache: string
  /** Nothing is ever asked: only what has been fetched before counts. */
  readonly offline: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, and HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME, as Python's library does.
 * @throws ConfigError for a token or an address that cannot be one
 */
export function hubAccess(environment: Environment): HubAccess {
  const url = (environment.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '')
  if (!/^https?:\/\/[^/\s]+/.test(url)) {
    throw new ConfigError('HF_ENDPOINT is no address; write it like https://huggingface.co, or leave it unset.')
  }
  const token = environment.HF_TOKEN?.trim() || undefined
  if (token !== undefined && !/^hf_\w+$/.test(token)) {
    throw new ConfigError('HF_TOKEN is no token of the Hub; they start with hf_ (huggingface.co/settings/tokens).')
  }
  const offline = /^(1|on|yes|true)$/i.test(environment.HF_HUB_OFFLINE ?? '')
  return { url, token, cache: resolve(cacheFolder(environment)), offline }
}

function cacheFolder({ HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME }: Environment): string {
  const named = HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE
  if (named) return named
  return join(HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'), 'hub')
}

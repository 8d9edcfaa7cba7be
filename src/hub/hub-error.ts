/** What went wrong at the Hub, as one sentence and the right exit code. */

import { ConfigError, ServerError, type SpendwiseError } from '../core/errors.ts'
import type { HubAccess } from './hub-access.ts'

/**
 * @param doing such as `hub:openai/gsm8k  cannot be fetched`
 * @returns undefined for an error that is not the Hub's
 */
export function hubError(error: unknown, doing: string, { url, token }: HubAccess): SpendwiseError | undefined {
  if (!(error instanceof Error)) return undefined
  const status = 'statusCode' in error ? Number(error.statusCode) : undefined
  const options = { cause: error }
  if (status === undefined) {
    const why = networkReason(error)
    return why === undefined
      ? undefined
      : new ServerError(`${doing}: ${url} cannot be reached (${why}); try again when it can.`, options)
  }
  if (status === 401 || status === 403) {
    const missing = token === undefined ? 'HF_TOKEN is not set' : 'HF_TOKEN does not open it'
    return new ConfigError(
      `${doing}: ${url} refuses (${status}), and ${missing}; check the name, ask for access on its page, and set HF_TOKEN.`,
      options,
    )
  }
  if (status === 404) return new ConfigError(`${doing}: ${url} has no such dataset, revision or file.`, options)
  if (status === 429) return new ServerError(`${doing}: ${url} asks to wait (429); try again later.`, options)
  const said = error.message.replace(/\s+/g, ' ').slice(0, 200).replace(/\.$/, '')
  const message = `${doing}: ${url} answered ${status} (${said})`
  return status >= 500
    ? new ServerError(`${message}; try again later.`, options)
    : new ConfigError(`${message}.`, options)
}

/** Of what fetch throws, and of answers that are not the Hub's; undefined for any other error. */
function networkReason(error: Error): string | undefined {
  const cause = error.cause as NodeJS.ErrnoException | undefined
  if (error.name === 'TimeoutError') return 'no answer in time'
  if (error instanceof TypeError && /fetch failed|terminated/.test(error.message)) {
    return cause?.code ?? cause?.message ?? error.message
  }
  if (
    error instanceof SyntaxError ||
    /malformed|Invalid api response|Expected (?:size|ETag)|Invalid file size/i.test(error.message)
  ) {
    return 'its answer is not one of the Hub'
  }
  return undefined
}

/** What a model writes before the thinking that its server keeps apart: told by its tokens as a text. */

import { z } from 'zod'
import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import { askBeside } from './questions.ts'

const detokenizedSchema = z.object({ prompt: z.string() })

/**
 * @param tokens of the whole completion
 * @returns empty where the prompt's template has opened it; null where the server does not tell
 */
export async function whatOpens(
  endpoint: Endpoint,
  model: string,
  reasoning: string,
  tokens: readonly unknown[],
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { prompt } = await askBeside(endpoint, 'POST', '/detokenize', detokenizedSchema, { model, tokens }, signal)
    const at = prompt.indexOf(reasoning)
    return at < 0 ? null : prompt.slice(0, at)
  } catch (error) {
    if (error instanceof ServerError) return null
    throw error
  }
}

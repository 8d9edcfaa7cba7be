/** What a server says when it refuses: OpenAI, vLLM and FastAPI each put it elsewhere. */

/** Longest message that is kept, in characters: an attempt's row has room for one sentence. */
export const MESSAGE_LIMIT = 300

/**
 * The sentence in an error body:
 * - `{"error": {"message": "…"}}` (OpenAI, vLLM) and the older `{"message": "…"}`
 * - `{"error": "…"}` (vLLM's 401)
 * - `{"detail": "…"}` and `{"detail": [{"loc": ["body", "seed"], "msg": "…"}]}` (FastAPI)
 *
 * A page of a proxy or portal is named by its title; anything else is quoted as it stands.
 *
 * @returns at most 300 characters, on one line
 */
export function readErrorBody(body: string): string {
  return clip(find(parse(body)) ?? titledPage(body) ?? body)
}

/** A web page by its title; undefined where the body is not one or has none. */
export function titledPage(body: string): string | undefined {
  if (!/^\s*<(!doctype html|html)/i.test(body)) return undefined
  const title = /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1]?.trim()
  return title === undefined || title === '' ? undefined : `a web page, "${clip(title)}"`
}

export function clip(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, MESSAGE_LIMIT)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** No server puts its sentence deeper. */
const DEEPEST = 8

function find(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return value
  if (depth > DEEPEST) return undefined
  if (Array.isArray(value)) {
    const found = value.map((one) => find(one, depth + 1)).filter((text) => text !== undefined)
    return found.length > 0 ? found.join('; ') : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  if ('error' in value) return find(value.error, depth + 1)
  if ('detail' in value) return find(value.detail, depth + 1)
  if ('message' in value) return find(value.message, depth + 1)
  if ('msg' in value && typeof value.msg === 'string') {
    return 'loc' in value && Array.isArray(value.loc) ? `${value.loc.join('.')}: ${value.msg}` : value.msg
  }
  return undefined
}

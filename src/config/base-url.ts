/** The root of an API, as against one of its routes. */

/** Routes of the OpenAI protocol, of ollama, llama.cpp, TGI, SGLang and SageMaker, that people copy from examples. */
const ROUTES =
  /\/(v\d+\/)?(chat\/completions|completions?|models|responses|embeddings|api\/(chat|generate|tags)|generate(_stream)?|invocations|health|metrics|docs)\/*$/

/** Whether it is an http or https URL without a user or password. */
export function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

/** The root that an address of a route belongs to; undefined where it is not one. */
export function rootOfRoute(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, pathname } = new URL(text)
  const found = ROUTES.exec(pathname)
  if (found === null) return undefined
  const [, version = 'v1'] = found
  return `${origin}${pathname.slice(0, found.index)}/${version.replace('/', '')}`
}

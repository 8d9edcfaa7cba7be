/** How a part of the real-stack tests ends. */

export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string }

export const OK: Outcome = { kind: 'ok' }

export function failed(why: string): Outcome {
  return { kind: 'failed', why }
}

/** The first of these that does not hold. */
export function allHold(claims: readonly (readonly [string, boolean])[]): Outcome {
  const broken = claims.filter(([, holds]) => !holds).map(([claim]) => claim)
  return broken.length === 0 ? OK : failed(`not so: ${broken.join('; ')}`)
}

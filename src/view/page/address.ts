/** The address is the state: where one is, with which filters. Everything that can be seen can be sent to somebody else. */

import { computed, signal } from '@preact/signals'
import type { FacetName, Sort, TraceQuery } from '../wire.ts'

const here = signal(new URL(location.href))

export const path = computed(() => here.value.pathname)
export const parameters = computed(() => here.value.searchParams)

addEventListener('popstate', () => {
  here.value = new URL(location.href)
})

/** @param replace does not leave a step for "back" */
export function go(address: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const url = new URL(address, location.href)
  if (url.href === here.peek().href) return
  history[replace ? 'replaceState' : 'pushState'](null, '', url)
  here.value = url
}

/** Links of ours are followed without loading the page again. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!link || !isPlain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download')) return
    const url = new URL(link.href)
    if (url.origin !== location.origin || url.pathname.endsWith('.html') || url.pathname.startsWith('/api/')) return
    if (url.hash !== '' && url.pathname === location.pathname) return
    event.preventDefault()
    go(url.href)
    scrollTo(0, 0)
  })
}

/** Facets as the address names them. */
const SHORT: Readonly<Partial<Record<FacetName, string>>> = { iteration: 'it' }
const FACET_NAMES: readonly FacetName[] = [
  'verdict',
  'iteration',
  'purpose',
  'disposition',
  'level',
  'source',
  'rule',
  'finish',
  'label',
]

export function shortOf(facet: FacetName): string {
  return SHORT[facet] ?? facet
}

/** The list that an address asks for. */
export function listOf(from: URLSearchParams): TraceQuery {
  const facets = Object.fromEntries(
    FACET_NAMES.flatMap((name) => {
      const values = from.getAll(shortOf(name)).filter((value) => value !== '')
      return values.length > 0 ? [[name, values]] : []
    }),
  )
  const [problem, q] = [from.get('problem'), from.get('q')]
  return { facets, ...(problem ? { problem } : {}), ...(q ? { q } : {}), sort: (from.get('sort') as Sort) || 'oldest' }
}

/** A list as the parameters of a page's address. */
export function addressOf(query: TraceQuery): string {
  return written(query, shortOf)
}

/** A list as the parameters of the interface. */
export function askOf(query: TraceQuery): string {
  return written(query, (name) => name)
}

function written(query: TraceQuery, nameOf: (facet: FacetName) => string): string {
  const out = new URLSearchParams()
  for (const name of FACET_NAMES) for (const value of query.facets[name] ?? []) out.append(nameOf(name), value)
  if (query.problem) out.set('problem', query.problem)
  if (query.q) out.set('q', query.q)
  if (query.sort !== 'oldest') out.set('sort', query.sort)
  return out.toString()
}

export function withParameters(base: string, text: string): string {
  return text === '' ? base : `${base}?${text}`
}

/** The run of an address, and what is behind it: `/r/NAME/t/12` gives `NAME`, `['t', '12']`. */
export const place = computed(() => {
  const [first, name, ...rest] = path.value.split('/').filter(Boolean)
  if (first === 'r' && name !== undefined) return { run: decodeURIComponent(name), rest: rest.map(decodeURIComponent) }
  return { run: undefined, rest: first === undefined ? [] : [first, name ?? ''] }
})

export const runPath = (run: string, rest = ''): string => `/r/${encodeURIComponent(run)}${rest}`
export const problemPath = (run: string, id: string): string =>
  runPath(run, `/p/${id.split('/').map(encodeURIComponent).join('/')}`)

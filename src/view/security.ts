/**
 * Who may talk to the viewer. On loopback: whoever is on this machine, by a loopback name, from a page of ours. Anywhere else:
 * whoever has the token that was printed with the address.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'

export interface Access {
  /** Host name or address that the server listens on. */
  readonly host: string
  /** Undefined on loopback. */
  readonly token: string | undefined
}

/** What a request says of itself. */
export interface Caller {
  /** The Host header. */
  readonly host: string | undefined
  readonly origin: string | undefined
  /** Sec-Fetch-Site, where the browser sends it. */
  readonly site: string | undefined
  /** Sec-Fetch-Mode. */
  readonly mode: string | undefined
  readonly cookie: string | undefined
  /** `token` of the address. */
  readonly token: string | undefined
  readonly method: string
  readonly contentType: string | undefined
}

export type Admission =
  | { readonly kind: 'in' }
  /** The token of the address becomes a cookie, and leaves the address. */
  | { readonly kind: 'sign-in'; readonly token: string }
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 403 | 415; readonly why: string }

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])
export const COOKIE = 'spendwise-view'

/** A token is made for every start, and only where others could reach the server. */
export function createAccess(host: string): Access {
  return { host, token: LOOPBACK.has(host) ? undefined : randomBytes(24).toString('base64url') }
}

/** Headers of every answer: nothing from elsewhere is loaded, and no page elsewhere may hold one of ours. */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** The order matters: a name that is not ours is refused before anything is looked at. */
export function admit(access: Access, caller: Caller): Admission {
  const name = nameOf(caller.host)
  if (name === undefined || !isOurName(access, name)) {
    return refuse(403, 'This is not a name of the viewer; open it by the address it printed (localhost or 127.0.0.1).')
  }
  if (caller.origin !== undefined && nameAndPortOf(caller.origin) !== caller.host)
    return refuse(403, 'Pages of other origins may not read the viewer.')
  if (caller.site !== undefined && !['same-origin', 'none'].includes(caller.site) && !isNavigation(caller))
    return refuse(403, 'Pages of other origins may not read the viewer.')
  if (caller.method !== 'GET' && caller.method !== 'HEAD') {
    // A form of another page can send text/plain without asking first; JSON it cannot.
    if (!/^application\/json\b/i.test(caller.contentType ?? '')) return refuse(415, 'Send JSON.')
  }
  if (access.token === undefined) return { kind: 'in' }
  if (caller.token !== undefined)
    return isSame(caller.token, access.token) ? { kind: 'sign-in', token: access.token } : refuse(401, WRONG_TOKEN)
  return isSame(cookieOf(caller.cookie) ?? '', access.token) ? { kind: 'in' } : refuse(401, WRONG_TOKEN)
}

const WRONG_TOKEN = 'The token is missing or of an earlier start; open the address that spendwise view printed.'

/** A link from a page elsewhere to ours is followed; what matters is that nothing can be read or sent by it. */
function isNavigation({ method, mode }: Caller): boolean {
  return method === 'GET' && mode === 'navigate'
}

function refuse(status: 400 | 401 | 403 | 415, why: string): Admission {
  return { kind: 'refused', status, why }
}

function isOurName({ host, token }: Access, name: string): boolean {
  if (LOOPBACK.has(name)) return true
  // Beyond loopback the token protects; the name is still checked, as a page elsewhere may point its own name here.
  return token !== undefined && (name === host.toLowerCase() || ownNames().has(name))
}

function ownNames(): Set<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return new Set([hostname().toLowerCase(), ...addresses.map(({ address }) => address.toLowerCase())])
}

/** The name in a Host header, without its port and brackets. */
function nameOf(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(host ?? '')
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}

function nameAndPortOf(origin: string): string | undefined {
  return /^https?:\/\/(.+)$/.exec(origin)?.[1]
}

function cookieOf(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(/;\s*/).map((pair) => pair.split('='))
  return pairs.find(([name]) => name === COOKIE)?.[1]
}

/** In constant time, whatever the lengths. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(wanted))
}

import { describe, expect, test } from 'vitest'
import { admit, type Caller, createAccess } from '../../src/view/security.ts'

const CALLER: Caller = {
  host: 'localhost:4860',
  origin: undefined,
  site: undefined,
  mode: undefined,
  cookie: undefined,
  token: undefined,
  method: 'GET',
  contentType: undefined,
}

describe('on loopback', () => {
  const access = createAccess('127.0.0.1')

  test('no token is made', () => {
    expect(access.token).toBeUndefined()
  })

  test.each(['localhost:4860', '127.0.0.1:4860', '[::1]:4860', 'LOCALHOST', 'localhost:9999'])(
    '%s is let in, whatever port a tunnel ends at',
    (host) => {
      expect(admit(access, { ...CALLER, host }).kind).toBe('in')
    },
  )

  test.each(['evil.example', 'evil.example:4860', 'localhost.evil.example', '127.0.0.1.nip.io', '', undefined, 'a b'])(
    'the name %s is refused: a page elsewhere may have pointed its own name here',
    (host) => {
      expect(admit(access, { ...CALLER, host })).toMatchObject({ kind: 'refused', status: 403 })
    },
  )

  test.each(['http://evil.example', 'http://localhost:3000', 'null'])('the origin %s is refused', (origin) => {
    expect(admit(access, { ...CALLER, origin })).toMatchObject({ kind: 'refused', status: 403 })
  })

  test('our own origin is let in, and what a browser says comes from another site is not', () => {
    expect(admit(access, { ...CALLER, origin: 'http://localhost:4860' }).kind).toBe('in')
    expect(admit(access, { ...CALLER, site: 'same-origin' }).kind).toBe('in')
    expect(admit(access, { ...CALLER, site: 'cross-site', mode: 'no-cors' }).kind).toBe('refused')
    expect(admit(access, { ...CALLER, site: 'same-site', mode: 'cors' }).kind).toBe('refused')
  })

  test('a link from a page elsewhere is followed', () => {
    expect(admit(access, { ...CALLER, site: 'cross-site', mode: 'navigate' }).kind).toBe('in')
  })

  test('what is sent must be JSON, which a form of another page cannot send', () => {
    expect(admit(access, { ...CALLER, method: 'POST', contentType: 'text/plain' })).toMatchObject({ status: 415 })
    expect(admit(access, { ...CALLER, method: 'POST', contentType: 'application/json' }).kind).toBe('in')
  })
})

describe('beyond loopback', () => {
  const access = createAccess('0.0.0.0')
  const token = access.token ?? ''

  test('a token is made, another for every start', () => {
    expect(token).toMatch(/^[\w-]{32}$/)
    expect(createAccess('0.0.0.0').token).not.toBe(token)
  })

  test('nobody is let in without it, also not over loopback', () => {
    expect(admit(access, CALLER)).toMatchObject({ kind: 'refused', status: 401 })
    expect(admit(access, { ...CALLER, token: 'wrong' })).toMatchObject({ kind: 'refused', status: 401 })
    expect(admit(access, { ...CALLER, cookie: `spendwise-view=${token}x` })).toMatchObject({ status: 401 })
  })

  test('the token of the address becomes a cookie, which lets in', () => {
    expect(admit(access, { ...CALLER, token })).toEqual({ kind: 'sign-in', token })
    expect(admit(access, { ...CALLER, cookie: `a=b; spendwise-view=${token}` }).kind).toBe('in')
  })

  test('a name that is not of this machine is refused even with the token', () => {
    expect(admit(access, { ...CALLER, host: 'evil.example', cookie: `spendwise-view=${token}` }).kind).toBe('refused')
  })
})

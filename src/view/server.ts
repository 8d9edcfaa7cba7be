/** The viewer's server: pages, files and the interface under /api, for whoever may talk to it. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { ServerError } from '../core/errors.ts'
import { FOLDER } from '../run/folder.ts'
import { createApi } from './api.ts'
import { createAsker } from './ask.ts'
import { createRegistry } from './registry.ts'
import { admit, COOKIE, createAccess, HEADERS } from './security.ts'

export interface ViewOptions {
  /** Folder whose runs are shown. */
  readonly parent: string
  /** Folder of a run that is shown wherever it is. */
  readonly run: string | undefined
  /** 0 for any that is free. */
  readonly port: number
  /** Loopback names and addresses need no token. */
  readonly host: string
  readonly onTrouble: (message: string) => void
}

export interface RunningView {
  /** With the token, where one is needed. */
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/** The built pages, found from the package's root. */
const ASSETS = join(dirname(fileURLToPath(import.meta.url)), '../../assets/view')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
}

/** @throws ServerError when the port is taken or the host cannot be bound */
export async function startView({ parent, run, port, host, onTrouble }: ViewOptions): Promise<RunningView> {
  const access = createAccess(host)
  const runs = createRegistry(parent, run, onTrouble)
  const [browser, summer] = [createAsker(), createAsker()]
  const app = new Hono()

  app.use('*', async (c, next) => {
    const url = new URL(c.req.url)
    const admission = admit(access, {
      host: c.req.header('host'),
      origin: c.req.header('origin'),
      site: c.req.header('sec-fetch-site'),
      mode: c.req.header('sec-fetch-mode'),
      cookie: c.req.header('cookie'),
      token: url.searchParams.get('token') ?? undefined,
      method: c.req.method,
      contentType: c.req.header('content-type'),
    })
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value)
    if (admission.kind === 'refused') return c.json({ error: admission.why }, admission.status)
    if (admission.kind === 'sign-in') {
      url.searchParams.delete('token')
      c.header('set-cookie', `${COOKIE}=${admission.token}; Path=/; HttpOnly; SameSite=Strict`)
      return c.redirect(`${url.pathname}${url.search}`)
    }
    return next()
  })
  app.route('/api', createApi({ runs, browser, summer }))
  app.get('/assets/:file{.+}', (c) => {
    const file = readAsset(c.req.param('file'))
    if (!file) return c.text('There is no such file.', 404)
    c.header('cache-control', 'no-cache')
    return c.body(new Uint8Array(file.bytes), 200, { 'content-type': file.type })
  })
  app.get('/r/:name/report.html', (c) => {
    const place = runs.find(c.req.param('name'))
    const path = place && join(place.directory, FOLDER.report)
    if (!path || !existsSync(path)) return c.text('There is no report yet; spendwise report makes one.', 404)
    // The report has its policy in itself: its style by hash, and no script.
    c.header('content-security-policy', "frame-ancestors 'none'; sandbox allow-same-origin")
    return c.html(readFileSync(path, 'utf8'))
  })
  app.get('*', (c) => {
    const page = readAsset('index.html')
    if (!page) return c.text('The pages are missing from this installation; install spendwise again.', 500)
    c.header('cache-control', 'no-cache')
    return c.html(page.bytes.toString('utf8'))
  })

  const server = await listen(app, port, host)
  const bound = server.address()
  const actual = typeof bound === 'object' && bound ? bound.port : port
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    address: `http://${shown}:${actual}/${access.token === undefined ? '' : `?token=${access.token}`}`,
    port: actual,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      await Promise.all([browser.close(), summer.close(), runs.close()])
    },
  }
}

type Server = ReturnType<typeof serve>

function listen(app: Hono, port: number, hostname: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname }, () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new ServerError(
          error.code === 'EADDRINUSE'
            ? `Port ${port} is taken on ${hostname}; give another with --port, or 0 for any that is free.`
            : `${hostname}:${port} cannot be listened on (${error.message}); give another with --host and --port.`,
          { cause: error },
        ),
      ),
    )
  })
}

/** A file of the built pages; undefined outside of them. */
function readAsset(name: string): { readonly bytes: Buffer; readonly type: string } | undefined {
  const path = normalize(join(ASSETS, name))
  const type = TYPES[extname(path)]
  if (!path.startsWith(`${ASSETS}${sep}`) || type === undefined || !existsSync(path)) return undefined
  return { bytes: readFileSync(path), type }
}

/**
 * A real HTTP server that speaks what the Hub's library asks of the Hugging Face Hub: info, tree (in pages), files by range
 * (large ones by a redirect), and for pushing repositories, preupload, LFS batch and commit. Requests are recorded.
 */

import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HubServer {
  readonly url: string
  /** `METHOD /path` of every request so far. */
  readonly requests: string[]
  /** Makes or replaces a dataset; its new commit. */
  readonly put: (repo: string, files: Readonly<Record<string, string | Buffer>>) => string
  /** The files of a dataset as they are on main. */
  readonly files: (repo: string) => ReadonlyMap<string, Buffer>
  /** Answers the next requests whose path fits with this status instead. */
  readonly fail: (path: RegExp, status: number, times: number) => void
  /** Sends other bytes for a path than the tree promises. */
  readonly corrupt: (path: string, content: Buffer) => void
  readonly close: () => Promise<void>
}

export interface HubServerOptions {
  /** What reading needs; writing always needs one. */
  readonly token?: string
  /** Entries a page of the tree. */
  readonly pageSize?: number
}

interface Repository {
  commit: string
  readonly files: Map<string, Buffer>
  /** Older commits. */
  readonly history: Map<string, Map<string, Buffer>>
}

/** Larger files are kept by LFS, as the Hub keeps binary ones. */
const isLarge = (path: string, content: Buffer) => /\.(?:parquet|gz|zst)$/.test(path) || content.length > 10_000_000

export async function createHubServer(options: HubServerOptions = {}): Promise<HubServer> {
  const repositories = new Map<string, Repository>()
  const uploads = new Map<string, Buffer>()
  const requests: string[] = []
  const failures: { path: RegExp; status: number; times: number }[] = []
  const corrupted = new Map<string, Buffer>()

  const put = (repo: string, files: Readonly<Record<string, string | Buffer>>): string => {
    const known = repositories.get(repo) ?? { commit: '', files: new Map(), history: new Map() }
    known.files.clear()
    for (const [path, content] of Object.entries(files)) known.files.set(path, Buffer.from(content))
    repositories.set(repo, known)
    return commitNow(known)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => send(response, 500, { error: String(error) }))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<ServerResponse> {
    const url = new URL(request.url ?? '/', 'http://hub')
    const path = decodeURIComponent(url.pathname)
    requests.push(`${request.method} ${path}`)
    const body = await readAll(request)
    const failure = failures.find((one) => one.times > 0 && one.path.test(path))
    if (failure !== undefined) {
      failure.times--
      return send(response, failure.status, { error: 'The server has been told to fail.' })
    }
    const token = request.headers.authorization?.replace(/^Bearer /, '')
    const isStore = path.startsWith('/store/')
    if (options.token !== undefined && token !== options.token && !isStore) {
      return send(response, 401, { error: 'Invalid username or password.' })
    }
    if (isStore) return store(request, response, path.slice('/store/'.length), body)
    return request.method === 'POST'
      ? write(response, path, body, token)
      : read(request, response, path, url.searchParams)
  }

  function read(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): ServerResponse {
    const [, repo = '', kind, rest = ''] =
      /^\/(?:api\/)?datasets\/([^/]+\/[^/]+)\/(revision|tree|resolve)\/(.*)$/.exec(path) ?? []
    const known = repositories.get(repo)
    if (known === undefined)
      return send(response, 404, { error: 'Repository not found' }, { 'X-Error-Code': 'RepoNotFound' })
    const [revision = '', ...parts] = rest.split('/')
    const files = revision === 'main' || revision === known.commit ? known.files : known.history.get(revision)
    if (files === undefined) return send(response, 404, { error: `Invalid rev id: ${revision}` })
    if (kind === 'revision')
      return send(response, 200, { _id: 'x', id: repo, sha: known.commit, lastModified: 0, private: false })
    if (kind === 'tree') return tree(response, path, files, Number(query.get('cursor') ?? 0))
    return resolve(request, response, parts.join('/'), files)
  }

  function tree(response: ServerResponse, path: string, files: Map<string, Buffer>, cursor: number): ServerResponse {
    const size = options.pageSize ?? 1000
    const all = [...files].map(([name, content]) => ({
      type: 'file',
      path: name,
      size: content.length,
      oid: gitHash(content),
      ...(isLarge(name, content) ? { lfs: { oid: sha256(content), size: content.length, pointerSize: 130 } } : {}),
    }))
    const next = cursor + size
    const link: Record<string, string> =
      next < all.length ? { Link: `<${address()}${path}?recursive=true&cursor=${next}>; rel="next"` } : {}
    return send(response, 200, all.slice(cursor, next), link)
  }

  function resolve(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    files: Map<string, Buffer>,
  ): ServerResponse {
    const content = files.get(name)
    if (content === undefined)
      return send(response, 404, { error: 'Entry not found' }, { 'X-Error-Code': 'EntryNotFound' })
    if (isLarge(name, content)) {
      uploads.set(sha256(content), content)
      const headers = { Location: `${address()}/store/${sha256(content)}`, 'X-Linked-ETag': `"${sha256(content)}"` }
      return response.writeHead(302, { ...headers, 'X-Linked-Size': content.length }).end()
    }
    return serve(request, response, corrupted.get(name) ?? content, gitHash(content))
  }

  function store(request: IncomingMessage, response: ServerResponse, hash: string, body: Buffer): ServerResponse {
    if (request.method === 'PUT') {
      uploads.set(hash, body)
      return response.writeHead(sha256(body) === hash ? 200 : 400).end()
    }
    const content = uploads.get(hash)
    if (content === undefined) return send(response, 404, { error: 'gone' })
    return serve(request, response, corrupted.get(hash) ?? content, hash)
  }

  function write(response: ServerResponse, path: string, body: Buffer, token: string | undefined): ServerResponse {
    if (token === undefined) return send(response, 401, { error: 'Invalid username or password.' })
    const json = () => JSON.parse(body.toString('utf8'))
    if (path === '/api/repos/create') {
      const { name, organization, type } = json() as { name: string; organization: string; type: string }
      const repo = `${organization}/${name}`
      if (type !== 'dataset') return send(response, 400, { error: `type ${type}` })
      if (repositories.has(repo)) return send(response, 409, { error: 'You already created this dataset repo' })
      put(repo, {})
      return send(response, 200, { url: `${address()}/datasets/${repo}`, id: repo })
    }
    if (path.endsWith('.git/info/lfs/objects/batch')) {
      const { objects } = json() as { objects: { oid: string; size: number }[] }
      const upload = (oid: string) => ({ actions: { upload: { href: `${address()}/store/${oid}` } } })
      return send(response, 200, { transfer: 'basic', objects: objects.map((one) => ({ ...one, ...upload(one.oid) })) })
    }
    const [, repo = '', kind] = /^\/api\/datasets\/([^/]+\/[^/]+)\/(preupload|commit)\/main$/.exec(path) ?? []
    const known = repositories.get(repo)
    if (known === undefined) return send(response, 404, { error: 'Repository not found' })
    if (kind === 'preupload') {
      const { files } = json() as { files: { path: string; size: number }[] }
      const mode = (name: string) => (/\.(?:parquet|gz|zst)$/.test(name) ? 'lfs' : 'regular')
      return send(response, 200, { files: files.map((file) => ({ path: file.path, uploadMode: mode(file.path) })) })
    }
    return commit(response, known, body)
  }

  function commit(response: ServerResponse, known: Repository, body: Buffer): ServerResponse {
    for (const line of body.toString('utf8').split('\n')) {
      const { key, value } = JSON.parse(line) as { key: string; value: Record<string, string> }
      const name = value.path ?? ''
      if (key === 'file') known.files.set(name, Buffer.from(value.content ?? '', 'base64'))
      if (key === 'lfsFile') known.files.set(name, uploads.get(value.oid ?? '') ?? Buffer.alloc(0))
      if (key === 'deletedFile') known.files.delete(name)
    }
    const oid = commitNow(known)
    return send(response, 200, {
      success: true,
      commitOid: oid,
      commitUrl: `${address()}/commit/${oid}`,
      hookOutput: '',
    })
  }

  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: address(),
    requests,
    put,
    files: (repo) => repositories.get(repo)?.files ?? new Map(),
    fail: (path, status, times) => void failures.push({ path, status, times }),
    corrupt: (path, content) => void corrupted.set(path, content),
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

function commitNow(known: Repository): string {
  known.commit = randomBytes(20).toString('hex')
  known.history.set(known.commit, new Map(known.files))
  return known.commit
}

/** The whole, or the bytes that a range names. */
function serve(request: IncomingMessage, response: ServerResponse, content: Buffer, etag: string): ServerResponse {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (from === undefined) {
    return response.writeHead(200, { ETag: `"${etag}"`, 'Content-Length': content.length }).end(content)
  }
  const part = content.subarray(Number(from), to ? Number(to) + 1 : undefined)
  const range = `bytes ${from}-${Number(from) + part.length - 1}/${content.length}`
  return response.writeHead(206, { ETag: `"${etag}"`, 'Content-Length': part.length, 'Content-Range': range }).end(part)
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): ServerResponse {
  return response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function gitHash(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

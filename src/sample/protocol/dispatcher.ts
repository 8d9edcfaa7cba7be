/** Connections, through the proxy that the environment names where there is one, and never through it to this machine itself. */

import { Agent, Dispatcher, EnvHttpProxyAgent, errors } from 'undici'

/** Without time limits of their own: the attempt's own limit is the only one. A socket for each request in flight. */
const OPTIONS = { headersTimeout: 0, bodyTimeout: 0, pipelining: 1 } as const

/** The variables that name a proxy; the small letters go first, as everywhere. */
const VARIABLES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'] as const

/** @param onClosed told the origin whose server has closed a connection that was to stay open; a proxy's connections tell nothing */
export function createDispatcher(onClosed?: (origin: string) => void): Dispatcher {
  const hasProxy = VARIABLES.some((name) => (process.env[name] ?? '') !== '')
  const direct = new Agent(OPTIONS)
  // What undici ends itself (idle for long, or told to close by the answer) says nothing of the server.
  direct.on('disconnect', (origin, _, error) => {
    if (!(error instanceof errors.InformationalError)) onClosed?.(origin.origin)
  })
  return hasProxy ? new ProxiedDispatcher(direct) : direct
}

/** Whether an address is this machine's own. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

class ProxiedDispatcher extends Dispatcher {
  readonly #direct: Agent
  readonly #proxied = new EnvHttpProxyAgent(OPTIONS)

  constructor(direct: Agent) {
    super()
    this.#direct = direct
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const isHere = isLoopback(new URL(String(options.origin)).hostname)
    return (isHere ? this.#direct : this.#proxied).dispatch(options, handler)
  }

  override async close(): Promise<void> {
    await Promise.all([this.#direct.close(), this.#proxied.close()])
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#proxied.destroy()])
  }
}

/** Rules of `serve.kind: reload`: whom its routes may be open to, and how many servers one command starts. */

import { type Path, valueAt } from './tree.ts'

/** Whoever reaches the routes by which weights are loaded can replace them, and vLLM's own key does not guard them. */
export function reloadRules(tree: unknown): { readonly path: Path; readonly sentence: string }[] {
  const command = valueAt(tree, ['serve', 'command'])
  const adminURLs = valueAt(tree, ['serve', 'adminURLs'])
  const endpoints = valueAt(tree, ['sample', 'endpoints'])
  const hasAdmin = Array.isArray(adminURLs) && adminURLs.length > 0
  if (command !== undefined && (hasAdmin || (Array.isArray(endpoints) && endpoints.length > 1))) {
    const what = hasAdmin ? ['serve', 'adminURLs'] : ['serve', 'command']
    return [
      {
        path: what,
        sentence:
          'serve.command starts one server, at the one endpoint. Remove serve.command, or keep one endpoint and no adminURLs.',
      },
    ]
  }
  if (hasKey(endpoints)) return []
  if (Array.isArray(command) && !bindsToLoopback(command)) {
    return [
      {
        path: ['serve', 'command'],
        sentence:
          'reload needs development routes, by which anybody who reaches them can replace the weights. Add "--host", "127.0.0.1" to it, or guard the server by a key (apiKeyEnv of the endpoint).',
      },
    ]
  }
  const urls = hasAdmin ? adminURLs : Array.isArray(endpoints) ? endpoints.map((one) => valueAt(one, ['baseURL'])) : []
  const open = urls.findIndex(
    (url) => typeof url === 'string' && URL.canParse(url) && !isLoopback(new URL(url).hostname),
  )
  if (open < 0) return []
  return [
    {
      path: hasAdmin ? ['serve', 'adminURLs', open] : ['sample', 'endpoints', open, 'baseURL'],
      sentence:
        'reload needs development routes, by which anybody who reaches them can replace the weights. Reach the engine by loopback (a tunnel), or put it behind a proxy with a key (apiKeyEnv of the endpoint).',
    },
  ]
}

function hasKey(endpoints: unknown): boolean {
  return Array.isArray(endpoints) && typeof valueAt(endpoints[0], ['apiKeyEnv']) === 'string'
}

function bindsToLoopback(command: readonly unknown[]): boolean {
  const hosts = command.flatMap((word, i) => {
    if (word === '--host') return [String(command[i + 1])]
    return typeof word === 'string' && word.startsWith('--host=') ? [word.slice('--host='.length)] : []
  })
  return hosts.length > 0 && hosts.every(isLoopback)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\./.test(host)
}

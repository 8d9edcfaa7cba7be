/** A server on a bare socket: its answers are whatever bytes a test likes, broken or not. */

import { createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export const GOOD = JSON.stringify({ model: 'm', choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] })

/** A whole answer, as it goes over the wire. */
export function http(body: string, headers: readonly string[] = [], status = '200 OK'): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  const all = [`HTTP/1.1 ${status}`, 'Content-Type: application/json', length, ...headers]
  return `${all.join('\r\n')}\r\n\r\n${body}`
}

/** What is written in place of a good answer before the connection ends, or done with it. */
export type Odd = string | ((socket: Socket) => void)

/** Answers on a bare socket: POSTs by the script while it lasts, everything else well. */
export async function startRaw(
  answer: (posts: number) => Odd | undefined,
  other: () => Odd | undefined = () => undefined,
): Promise<{ baseURL: string }> {
  let posts = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
      for (let end = endOf(text); end > 0; end = endOf(text)) {
        const isPost = text.startsWith('POST')
        text = text.slice(end)
        const odd = isPost ? answer(posts++) : other()
        if (typeof odd === 'function') odd(socket)
        else if (odd !== undefined) socket.end(odd, 'latin1')
        else socket.write(isPost ? http(GOOD) : http(JSON.stringify({ data: [{ id: 'test-model' }] })))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return { baseURL: `http://127.0.0.1:${address.port}/v1` }
}

/** Where a whole request ends; 0 before it is there. */
function endOf(text: string): number {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return 0
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0)
  return text.length >= head + 4 + length ? head + 4 + length : 0
}

/** Writes the first text at once, and then a character of the other every so often: all over again when it is at its end. */
export const dripping = (head: string, rest: string, everyMs: number): Odd => {
  return (socket) => {
    socket.write(head)
    let at = 0
    const timer = setInterval(() => {
      if (!socket.writable) return clearInterval(timer)
      socket.write(rest.charAt(at++ % rest.length), 'latin1')
    }, everyMs)
    socket.on('close', () => clearInterval(timer))
  }
}

/** Writes without end behind the head. */
export const endless = (head: string, piece: string): Odd => {
  return (socket) => {
    socket.write(head)
    const more = (): void => {
      if (!socket.destroyed && socket.writable) socket.write(piece.repeat(100_000), () => setImmediate(more))
    }
    more()
  }
}

import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { overflow, picture, type Stage, startCommand, stop, violations, visit } from './view-stage.ts'

export function testGuards(at: () => Stage): void {
  describe('whoever may not talk to it', () => {
    const ask = (
      path: string,
      headers: Readonly<Record<string, string>>,
      method = 'GET',
    ): Promise<{ status: number; body: string }> =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(at().address)
        const sent = request({ hostname, port, path, method, headers }, (answer) => {
          let body = ''
          answer.on('data', (chunk) => {
            body += chunk
          })
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
        })
        sent.on('error', reject)
        sent.end()
      })

    test.each([
      ['another name', { host: 'evil.example' }, 403],
      ['another origin', { host: 'localhost', origin: 'http://evil.example' }, 403],
      [
        'a script of another site',
        { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
        403,
      ],
    ] as const)('%s is refused', async (_, headers, status) => {
      expect((await ask('/api/runs', headers)).status).toBe(status)
      expect((await ask('/', headers)).status).toBe(status)
    })

    test.each([
      '/assets/../../package.json',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets//etc/passwd',
      '/api/runs/..%2f..%2f/status',
      '/r/..%2flive/report.html',
      '/api/runs/%2e%2e/traces',
    ])('the path %s reaches nothing outside', async (path) => {
      const { status, body } = await ask(path, { host: 'localhost' })
      expect(body).not.toMatch(/"dependencies"|root:/)
      if (!body.startsWith('<!doctype')) expect(status).toBe(404)
    })

    test('a form of another page cannot label a trace', async () => {
      const { status } = await ask('/api/runs/live/labels', { host: 'localhost', 'content-type': 'text/plain' }, 'POST')
      expect(status).toBe(415)
    })

    test('beyond loopback the token of the address is needed, and is a cookie afterwards', async () => {
      const open = startCommand(at().folder, ['view', '--port', '0', '--host', '0.0.0.0'])
      const lines = await new Promise<string>((resolve) => open.stdout?.once('data', (chunk) => resolve(String(chunk))))
      const url = new URL(lines.trim())
      const base = `http://127.0.0.1:${url.port}`
      expect((await fetch(`${base}/api/runs`)).status).toBe(401)
      const signedIn = await fetch(`${base}/?token=${url.searchParams.get('token')}`, { redirect: 'manual' })
      expect(signedIn.status).toBe(302)
      expect(signedIn.headers.get('location')).not.toContain('token')
      const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
      expect((await fetch(`${base}/api/runs`, { headers: { cookie } })).status).toBe(200)
      await stop(open)
    })
  })

  describe('the files', () => {
    test.each([
      ['report.html', 'runs/live/report.html'],
      ['audit.html', 'audit.html'],
    ])('%s opens under its own policy, without an error and without a style attribute', async (name, file) => {
      for (const [kind, looks] of [
        ['', {}],
        ['dark', { scheme: 'dark' }],
        ['narrow', { width: 390, height: 844 }],
      ] as const) {
        const { page, context, troubles } = await visit(at(), `file://${join(at().folder, file)}`, looks)
        await page.waitForSelector('h1')
        await picture(page, [name.replace('.html', '-file'), kind].filter(Boolean).join('-'))
        expect(await page.locator('[style]').count()).toBe(0)
        expect(await overflow(page)).toBeLessThanOrEqual(0)
        expect(await violations(page)).toEqual([])
        expect(troubles).toEqual([])
        await context.close()
      }
    })

    test('the viewer shows the report as it is', async () => {
      const { page, context, troubles } = await visit(at(), '/r/live/report.html')
      expect(await page.locator('h1').innerText()).toMatch(/accuracy/i)
      expect(
        await page.evaluate(
          'getComputedStyle(document.body).maxWidth !== "" && getComputedStyle(document.querySelector("main")).maxWidth',
        ),
      ).toBe('1040px')
      expect(troubles).toEqual([])
      await context.close()
    })
  })
}

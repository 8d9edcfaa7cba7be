/** The list of traces in a real browser: filters, search, keys, deep links. */

import { describe, expect, test } from 'vitest'
import type { FacetCounts, TracePage } from '../../src/view/wire.ts'
import { answerOf, picture, type Stage, settle, until, visit } from './view-stage.ts'

export function testLists(at: () => Stage): void {
  describe('the list of traces', () => {
    test('filters by facets with counts, in the address, which opens the same list elsewhere', async () => {
      const { page, context, troubles } = await visit(at(), '/r/live/traces')
      await settle(page)
      await page.locator('.facets label', { hasText: 'incorrect' }).first().click()
      await page.locator('.facets label', { hasText: 'evaluate' }).first().click()
      const wanted = await answerOf<FacetCounts>(at(), '/api/runs/live/facets?verdict=incorrect&purpose=evaluate')
      await until(
        'the count is there',
        async () => (await page.locator('.total b').innerText()) === wanted.total.toLocaleString('en-US'),
      )
      expect(new URL(page.url()).search).toBe('?verdict=incorrect&purpose=evaluate')
      const other = await visit(at(), new URL(page.url()).pathname + new URL(page.url()).search)
      await settle(other.page)
      await until(
        'the same list',
        async () => (await other.page.locator('.total b').innerText()) === wanted.total.toLocaleString('en-US'),
      )
      expect(await other.page.locator('a.row').first().getAttribute('href')).toBe(
        await page.locator('a.row').first().getAttribute('href'),
      )
      expect([...troubles, ...other.troubles]).toEqual([])
      await context.close()
      await other.context.close()
    })

    test('searches the texts, sorts, and scrolls on for as long as there is something', async () => {
      const { page, context, troubles } = await visit(at(), '/r/live/traces')
      await settle(page)
      await page.keyboard.press('/')
      await page.keyboard.type('zebra-that-is-not-there')
      await page.waitForSelector('.empty')
      await page.locator('#search').fill('')
      await page.waitForSelector('a.row')
      await page.locator('select[aria-label=Order]').selectOption('longest')
      await page.waitForURL(/sort=longest/)
      const { rows } = await answerOf<TracePage>(at(), '/api/runs/live/traces?sort=longest&limit=1')
      await until('the longest is first', async () =>
        ((await page.locator('a.row').first().getAttribute('href')) ?? '').includes(`/t/${rows[0]?.id}?`),
      )
      const scroller = page.locator('.scroller')
      await until('more rows are read', async () => {
        await scroller.evaluate((element) => void Reflect.set(element, 'scrollTop', 62 * 95))
        return (await scroller.evaluate((element) => Number(Reflect.get(element, 'scrollHeight')))) > 62 * 150
      })
      expect(troubles).toEqual([])
      await context.close()
    })

    test('is read by keys: j, Enter, j, ], r, Esc and ?', async () => {
      const { page, context, troubles } = await visit(at(), '/r/live/traces?verdict=incorrect&purpose=greedy')
      await settle(page)
      await page.waitForSelector('a.row')
      const { rows } = await answerOf<TracePage>(at(), '/api/runs/live/traces?verdict=incorrect&purpose=greedy&limit=3')
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      expect(await page.locator('a.row.chosen').getAttribute('href')).toContain(`/t/${rows[1]?.id}`)
      await page.keyboard.press('Enter')
      await page.waitForURL(new RegExp(`/t/${rows[1]?.id}\\?verdict=incorrect`))
      await settle(page)
      await page.keyboard.press('j')
      await page.waitForURL(new RegExp(`/t/${rows[2]?.id}\\?`))
      await settle(page)
      await page.keyboard.press('k')
      await page.waitForURL(new RegExp(`/t/${rows[1]?.id}\\?`))
      await settle(page)
      await page.keyboard.press('r')
      await page.waitForURL(/raw=1/)
      await page.keyboard.press(']')
      await page.waitForURL((url) => !url.pathname.endsWith(`/${rows[1]?.id}`))
      const [, other] = /\/t\/(\d+)/.exec(page.url()) ?? []
      await page.waitForSelector(`.cell.current[href$="/t/${other}"]`)
      await page.keyboard.press('[')
      await page.waitForURL(new RegExp(`/t/${rows[1]?.id}\\?`))
      await page.keyboard.press('?')
      await page.waitForSelector('dialog[open]')
      await picture(page, 'keys')
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog[open]', { state: 'detached' }).catch(() => undefined)
      await page.keyboard.press('Escape')
      await page.waitForURL(/\/traces\?verdict=incorrect/)
      await page.waitForSelector('input[type=checkbox]')
      await page.keyboard.press('f')
      await page.waitForFunction("document.activeElement.type === 'checkbox'")
      expect(troubles).toEqual([])
      await context.close()
    })
  })
}

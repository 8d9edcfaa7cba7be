/** The viewer in a real browser, over a run that continues while it is looked at. */

import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MeasuredPoint, TracePage } from '../../src/view/wire.ts'
import { PROJECT } from '../source-text.ts'
import { testGuards } from './view-guards.ts'
import { testLists } from './view-lists.ts'
import { answer, questionsTo } from './view-questions.ts'
import {
  answerOf,
  HOSTILE,
  openStage,
  overflow,
  picture,
  type Stage,
  settle,
  startCommand,
  stop,
  until,
  violations,
  visit,
} from './view-stage.ts'

let stage: Stage
let run: ChildProcess

const SMALL = [
  'budget.policy.initial=60',
  'budget.iterations=3',
  'problems.evaluate.0.count=150',
  'problems.gate.0.count=40',
]

/** A small run takes half a minute on a quiet machine. */
const RUN_MS = 400_000

beforeAll(async () => {
  stage = await openStage()
  const sets = SMALL.flatMap((set) => ['--set', set])
  run = startCommand(stage.folder, ['quickstart', '--dir', 'runs/live', '--quiet', ...sets])
})

afterAll(async () => {
  await stop(run)
  await stage.close()
})

const api = <T>(path: string): Promise<T> => answerOf<T>(stage, path)

test(
  'a run in another process appears, and its page moves on without being loaded again',
  async () => {
    const events = join(stage.folder, 'runs/live/events.jsonl')
    await until(
      'the base is measured',
      async () => existsSync(events) && readFileSync(events, 'utf8').includes('"evaluated"'),
      RUN_MS,
    )
    // Stopped in its midst while the page opens: a run as small as this is over before a browser shows anything.
    run.kill('SIGSTOP')
    const { page, context, troubles } = await visit(stage, '/r/live')
    const sampled = (): Promise<string> => page.locator('.tiles').innerText()
    let before: string
    try {
      await settle(page)
      await page.evaluate('window.stayed = true')
      before = await sampled()
    } finally {
      run.kill('SIGCONT')
    }
    await until('the tiles move', async () => (await sampled()) !== before, RUN_MS)
    await picture(page, 'live')
    await until('the run ends', async () => (await page.locator('.eyebrow .state').innerText()) === 'done', RUN_MS)
    await until('its events are there', async () => (await page.locator('.events li').count()) > 5)
    expect(await page.evaluate('window.stayed')).toBe(true)
    expect(await page.locator('.events').innerText()).toContain('run done')
    expect(troubles).toEqual([])
    await context.close()
  },
  2 * RUN_MS,
)

/** Every kind of page, by an address of the live run. */
const PAGES: readonly (readonly [name: string, path: (first: number, problem: string) => string])[] = [
  ['runs', () => '/'],
  ['overview', () => '/r/live'],
  ['traces', () => '/r/live/traces?verdict=incorrect'],
  ['trace', (id) => `/r/live/t/${id}?verdict=incorrect`],
  ['problems', () => '/r/live/problems?split=evaluate&sort=changed'],
  ['problem', (_, problem) => `/r/live/p/${problem}`],
  ['diff', () => '/r/live/diff'],
  ['audit', () => '/r/live/audit'],
  ['nothing', () => '/r/live/no-such-page'],
  ['hostile', () => '/r/hostile/t/1'],
]

describe.each(PAGES)('the page %s', (name, pathOf) => {
  test.each([
    ['', {}],
    ['dark', { scheme: 'dark' }],
    ['narrow', { width: 390, height: 844 }],
  ] as const)('%s shows without an error, fits its window, and no serious barrier is found', async (kind, looks) => {
    const { rows } = await api<TracePage>('/api/runs/live/traces?verdict=incorrect&purpose=evaluate&limit=1')
    const [first] = rows
    const { page, context, troubles } = await visit(stage, pathOf(first?.id ?? 1, first?.problem ?? ''), looks)
    await settle(page)
    await page.waitForTimeout(400)
    await picture(page, [name, kind].filter(Boolean).join('-'))
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(await violations(page)).toEqual([])
    expect(troubles).toEqual([])
    await context.close()
  })
})

testLists(() => stage)

test('a trace explains itself: where the answer is, how it was read, the prompt, the seed, and it takes a label', async () => {
  const { rows } = await api<TracePage>('/api/runs/live/traces?verdict=incorrect&purpose=greedy&limit=1')
  const [row] = rows
  const { page, context, troubles } = await visit(stage, `/r/live/t/${row?.id}`)
  await settle(page)
  expect(await page.locator('.completion mark').innerText()).toBe(row?.extracted)
  expect(await page.locator('.why').innerText()).toMatch(
    /does not equal the gold answer[\s\S]*number[\s\S]*spendwise-checker/,
  )
  expect(await page.locator('.aside').innerText()).toMatch(/seed\s+\d+[\s\S]*tokens\s+\d+ prompt, \d+ completion/)
  await page.locator('details.prompt summary').click()
  expect(await page.locator('details.prompt pre').first().innerText()).toContain(row?.question ?? 'question')
  await page.keyboard.press('2')
  await page.waitForSelector('.label-buttons .wrong[aria-pressed=true]')
  await page.reload()
  await page.waitForSelector('.label-buttons .wrong[aria-pressed=true]')
  expect(troubles).toEqual([])
  await context.close()
})

test('the audit saves every press, also over a reload, and its interval grows', async () => {
  const { page, context, troubles } = await visit(stage, '/r/live/audit?sample=12')
  await settle(page)
  expect(await page.locator('main').innerText()).not.toMatch(/incorrect|undecided|extract:/)
  for (const key of ['1', '1', '2', '3', '1']) {
    const before = await page.locator('.judge-bar output').innerText()
    await page.keyboard.press(key)
    await until('the next text', async () => (await page.locator('.judge-bar output').innerText()) !== before)
  }
  await until('five are judged', async () => /^5\s/.test(await page.locator('.tiles dd').first().innerText()))
  await picture(page, 'audit-judged')
  await page.reload()
  await until('five are still judged', async () => /^5\s/.test(await page.locator('.tiles dd').first().innerText()))
  await until('there is an interval', async () => /\d% to \d/.test(await page.locator('.tiles').innerText()))
  const text = spawnSync(
    process.execPath,
    [join(PROJECT, 'bin/spendwise.js'), 'verify', '--audit', 'live', '--out', 'audit.html'],
    { cwd: stage.folder, encoding: 'utf8' },
  ).stdout
  expect(text).toMatch(/labelled 5, unclear 1/)
  expect(troubles).toEqual([])
  await context.close()
})

test('a diff lists what was gained and lost, and leads to both answers', async () => {
  // A slow machine may end the run before its last iteration.
  const measured = await api<MeasuredPoint[]>('/api/runs/live/measured')
  const [a, b] = [measured[0]?.ref ?? '', measured.at(-1)?.ref ?? '']
  const { page, context, troubles } = await visit(stage, `/r/live/diff?a=${a}&b=${b}&show=gained`)
  await settle(page)
  const diff = await api<{ gained: number; lost: number; table: number[][] }>(`/api/diff?a=${a}&b=${b}`)
  expect(await page.locator('.lead').innerText()).toContain(`B solves ${diff.gained} `)
  expect(await page.locator('.diff-rows tbody tr').count()).toBe(diff.gained)
  await page.keyboard.press('x')
  await page.waitForURL((url) => url.searchParams.get('a') === b)
  await until('the sides are swapped', async () =>
    (await page.locator('.lead').innerText()).includes(`B solves ${diff.lost} `),
  )
  expect(troubles).toEqual([])
  await context.close()
})

test('what cannot be read is said with its reason on every page, and never shown as nothing being there', async () => {
  const { page, context } = await visit(stage, '/')
  const why = 'The database of the run is busy; try again.'
  await page.route('**/api/**', (route) => route.fulfill({ status: 503, json: { error: why } }))
  for (const [name, path] of PAGES.filter(([name]) => name !== 'nothing')) {
    await page.goto(`${stage.address}${path(1, 'p')}`)
    await page.waitForSelector('.trouble')
    const said = await page.locator('main').innerText()
    expect(said, name).toContain(why)
    expect(said, name).not.toMatch(/No trace fits|has been measured yet|There is no|Nothing has been/)
  }
  // One run of several that cannot be read: the others can be compared.
  await page.unroute('**/api/**')
  await page.route('**/api/runs/hostile/measured', (route) => route.fulfill({ status: 503, json: { error: why } }))
  await page.goto(`${stage.address}/diff`)
  await until('its reason is there', async () =>
    (await page.locator('main').innerText()).includes(`The checkpoints of hostile cannot be read: ${why}`),
  )
  expect(await page.locator('select[aria-label=A] option').count()).toBeGreaterThan(1)
  await context.close()
})

const MOST_CLICKS = 6

test.each(questionsTo('live', 2))('asked without having read anything: $question', async (question) => {
  const { page, context, troubles } = await visit(stage, '/')
  const { said, clicks, seconds } = await answer(page, question)
  console.log(`${question.question} ${clicks} clicks, ${seconds.toFixed(1)} s: ${said.slice(0, 200)}`)
  expect(said).not.toBe('')
  expect(clicks).toBeLessThanOrEqual(MOST_CLICKS)
  expect(troubles).toEqual([])
  await context.close()
})

test.each(HOSTILE.map((text, at) => [at, text.slice(0, 30)] as const))(
  'hostile text %d (%s) shows as text: no script, no image, no request, within seconds',
  async (at) => {
    const { page, context, troubles } = await visit(stage, `/r/hostile/t/${at + 1}`)
    await settle(page)
    const startedAt = Date.now()
    for (const selector of [
      'script:not([src])',
      'main img',
      'main iframe',
      'main a[href^=javascript]',
      '.text svg[onload]',
    ])
      expect(await page.locator(selector).count(), selector).toBe(0)
    const shown = await page.locator('.completion').innerText()
    if (at === 0) expect(shown).toContain('<script>alert("script")</script>')
    if (at === 6) expect(shown).toMatch(/⟨U\+202E⟩.*⟨U\+2066⟩.*␀.*␛\[31m/)
    if (at === 7) {
      expect(shown).toContain('She earns $30,000 and pays $5 to $10 for it')
      expect(await page.locator('.completion .katex').count()).toBe(1)
    }
    if (at === 8) expect(await page.locator('h2 small').first().innerText()).toMatch(/5,\d+,\d+ characters/)
    expect(Date.now() - startedAt).toBeLessThan(20_000)
    expect(troubles).toEqual([])
    await context.close()
  },
)

testGuards(() => stage)

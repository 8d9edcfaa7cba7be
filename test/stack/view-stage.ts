/** What the viewer's browser tests stand on: a folder of runs, the viewer over it, and a browser. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { parseRunConfig } from '../../src/config/parse.ts'
import type { Completion } from '../../src/core/completion.ts'
import type { Problem } from '../../src/core/problem.ts'
import { openStore } from '../../src/store/store.ts'
import { judge } from '../../src/verify/decide.ts'
import { PROJECT } from '../source-text.ts'
import { chromiumPath } from './chromium.ts'

export interface Stage {
  /** Where the viewer is, without a slash at its end. */
  readonly address: string
  readonly folder: string
  readonly browser: Browser
  close(): Promise<void>
}

/** Of a machine that does much else; what is there at once takes no longer for it. */
const PATIENCE_MS = 90_000
const ARTEFACTS = join(PROJECT, 'artefacts/view')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-view-'))
  mkdirSync(join(folder, 'runs'))
  makeHostileRun(join(folder, 'runs/hostile'))
  const viewer = startCommand(folder, ['view', '--port', '0'])
  const address = (await firstLine(viewer)).replace(/\/$/, '')
  const browser = await chromium.launch({
    executablePath: chromiumPath() ?? '',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  mkdirSync(ARTEFACTS, { recursive: true })
  return {
    address,
    folder,
    browser,
    async close() {
      await browser.close()
      await stop(viewer)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A command of spendwise in a folder. */
export function startCommand(folder: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(PROJECT, 'bin/spendwise.js'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

export async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return ended
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  child.stdout?.resume()
  const [line = ''] = text.split('\n')
  if (!line.startsWith('http')) throw new Error(`the viewer did not start: ${text}`)
  return line
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Console errors, page errors, dialogs, and requests to anywhere but the viewer. */
  readonly troubles: string[]
}

export interface Looks {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
}

/** A page in a window of its own, which notes everything that should not happen. */
export async function visit({ browser, address }: Stage, path: string, looks: Looks = {}): Promise<Visit> {
  const { width = 1280, height = 900, scheme = 'light' } = looks
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const troubles: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith('file:'))
      troubles.push(`request: ${request.url()}`)
  })
  await page.goto(path.startsWith('file:') ? path : `${address}${path}`)
  return { page, context, troubles }
}

/** Waits until a page shows what it has, nothing being read any more. */
export async function settle(page: Page): Promise<void> {
  await page.waitForSelector('h1')
  await page.waitForLoadState('load')
  // Not by a function in the page, which its policy would not evaluate.
  const busy = page.locator('[aria-busy=true]')
  // What one answer asks for next begins a moment later.
  for (let calm = 0; calm < 2; calm = (await busy.count()) === 0 ? calm + 1 : 0) {
    await busy.first().waitFor({ state: 'detached' })
    await page.waitForTimeout(100)
  }
}

export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`), fullPage: true })
}

/** Violations that axe calls serious or critical, with the elements. */
export async function violations(page: Page): Promise<string[]> {
  // Through the driver and not a script element, which the page's policy would refuse.
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
}

/** Pixels by which a page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth') as Promise<number>
}

/** What a program that wants to be noticed would write, as completions. */
export const HOSTILE: readonly string[] = [
  '<script>alert("script")</script> \\boxed{2}',
  '<img src=x onerror=alert("image")> <svg onload=alert(1)></svg> #### 2',
  '<math><mtext><img src=x onerror=alert(1)></mtext></math> $\\href{javascript:alert(1)}{x}$ \\boxed{2}',
  '$\\includegraphics{http://evil.example/x.png}$ $\\htmlStyle{position:fixed;top:0}{x}$ #### 2',
  `$\\def\\a{\\a\\a}\\a$ $${'{'.repeat(900)}x${'}'.repeat(900)}$ #### 2`,
  `${'\\('.repeat(20_000)} #### 2`,
  'left \u202e right to left \u2066 isolate \u0000 null \u001b[31m red \u001b]0;title\u0007 \u2028 #### 2',
  'She earns $30,000 and pays $5 to $10 for it, in $x^2$ dollars. #### 2',
  `${'a long line without any end '.repeat(190_000)}\n#### 2`,
  'a "quoted" \'text\' & an &amp; entity, {{question}} and {} \\boxed{\\frac{1}{2}}',
  '</textarea></title></style><iframe srcdoc="<script>alert(1)</script>"></iframe> #### 2',
  '[link](javascript:alert(1)) ![image](http://evil.example/y.png) #### 2',
]

/** A run whose questions, answers and names are hostile as well. */
function makeHostileRun(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const text = `name: hostile\nproblems: { train: [{ dataset: steps, count: 10 }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:9/v1", model: base }] }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
train: { kind: none }\n`
  const config = parseRunConfig({ text, file: 'run.yaml', sets: [] })
  const store = openStore(directory)
  const problems = HOSTILE.map(
    (_, at): Problem => ({
      id: `hostile/<b>/${at}`,
      split: 'train',
      source: '<i>source</i>',
      level: at % 2 === 0 ? '"><script>alert(1)</script>' : '2',
      question: `<script>alert("question")</script> What is $1 + 1$, at a price of $30,000? ${at}`,
      answer: at === 9 ? '1/2' : '2',
    }),
  )
  const prompt = {
    name: '<u>p</u>',
    api: 'chat',
    stop: [],
    messages: [{ role: 'user', content: '{{question}}' }],
    sha256: 'a'.repeat(64),
  } as const
  store.run.create(
    {
      name: 'hostile <b>&',
      state: 'done',
      reason: '<b>reason</b>',
      config: JSON.stringify(config),
      configPath: '/x/run.yaml',
      weights: '{}',
      createdAt: Date.UTC(2026, 0, 1),
      files: null,
      commonSeeds: true,
    },
    problems,
    { sampling: prompt, training: prompt, evaluation: prompt },
  )
  const checkpoint = store.iterations.addCheckpoint({
    iteration: -1,
    attempt: 0,
    kind: 'full',
    path: '/base',
    hash: 'sha256:base',
  })
  store.iterations.plan(0, { kind: 'accepted', count: 5 })
  store.iterations.startSampling(0, checkpoint.id)
  const ids = store.completions.insert(
    HOSTILE.map((text, at) => hostile(text, problems[at]?.id ?? '', at)),
    checkpoint.id,
  )
  store.verdicts.insert(
    ids.map((completion, at) => {
      const { kind, rule, method, extracted, checker } = judge(problems[at]?.answer ?? '2', HOSTILE[at] ?? '')
      return { completion, verdict: { kind, rule, method, extracted, checker, ms: 1 } }
    }),
  )
  store.close()
}

function hostile(text: string, problem: string, issue: number): Completion {
  return {
    key: { purpose: 'train', iteration: 0, problem, index: 0 },
    issue,
    text,
    finishReason: 'stop',
    promptTokens: 9,
    completionTokens: Math.ceil(text.length / 4),
    model: '<b>model</b>',
    seed: 1,
    latencyMs: 10 + issue,
    attempts: [{ outcome: 'ok', status: 200, message: '', startedAt: 1, durationMs: 10 }],
  }
}

/** Waits for something that another process does. */
export async function until(what: string, isTrue: () => Promise<boolean>, ms = 90_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(250)) if (await isTrue()) return
  throw new Error(`not within ${ms / 1000} s: ${what}`)
}

/** What the viewer answers at a path. */
export async function answerOf<T>({ address }: Stage, path: string): Promise<T> {
  return (await (await fetch(`${address}${path}`)).json()) as T
}

/**
 * The first hour: the package is packed, installed into an empty folder and started there, the README's blocks are run in order with
 * it, and then everything that newcomers get wrong, which has to end in one sentence that says what to do.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blocksOf } from '../docs/blocks.ts'
import { openPlace, type Place } from '../docs/place.ts'
import { writeWalkthrough } from '../docs/walkthrough-files.ts'
import { freePort } from '../loop/workplace.ts'
import { PROJECT } from '../source-text.ts'
import { allHold, type Outcome } from './outcome.ts'
import { openWrongTurns } from './wrong-turns.ts'

type Claim = readonly [string, boolean]

const NPM_MS = 300_000
const QUICK = [
  'problems.train.0.count=2000',
  'problems.evaluate.0.count=60',
  'problems.gate.0.count=40',
  'budget.iterations=1',
  'budget.policy.initial=60',
]

export async function newcomerPart(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-package-'))
  const claims: Claim[] = []
  try {
    const bin = installed(folder, claims)
    if (bin === undefined) return allHold(claims)
    const place = await openPlace([process.execPath, bin])
    try {
      await readmeHolds(place, claims)
      await wrongTurnsAreAnswered(place, claims)
    } finally {
      await place.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return allHold(claims)
}

/** Packs, installs into an empty folder, and starts from there. @returns where its executable is */
function installed(folder: string, claims: Claim[]): string | undefined {
  const pack = run('npm', ['pack', '--pack-destination', folder], PROJECT)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  claims.push([`npm pack builds and packs (${pack.output.slice(-300)})`, pack.status === 0 && tarball !== undefined])
  if (tarball === undefined) return undefined
  const app = join(folder, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{"private":true}\n')
  const install = run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)], app)
  const bin = join(app, 'node_modules/spendwise/bin/spendwise.js')
  claims.push([`the tarball installs (${install.output.slice(-300)})`, install.status === 0 && existsSync(bin)])
  if (!existsSync(bin)) return undefined

  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string }
  const npx = run(
    'npx',
    ['--yes', '--prefer-offline', '--package', join(folder, tarball), 'spendwise', '--version'],
    folder,
  )
  claims.push([`npx starts it from the tarball (${npx.output.trim()})`, npx.output.trim().endsWith(version)])
  const sets = QUICK.flatMap((set) => ['--set', set])
  const start = run('npx', ['spendwise', 'quickstart', '--quiet', ...sets], app)
  claims.push([`the quickstart goes through (${start.output.slice(-300)})`, start.status === 0])
  claims.push(['and leaves its report', existsSync(join(app, 'runs/quickstart/report.html'))])
  const library = run(
    process.execPath,
    ['-e', "import('spendwise').then(({ runLoop }) => console.log(typeof runLoop))"],
    app,
  )
  claims.push([`a program can import it (${library.output.trim()})`, library.output.trim() === 'function'])
  return bin
}

/** Blocks in order, but for those of npm; with fewer traces, and on a free port. */
async function readmeHolds(place: Place, claims: Claim[]): Promise<void> {
  const port = await freePort()
  await writeWalkthrough(place, port)
  for (const { language, title, text, line } of blocksOf(readFileSync(join(PROJECT, 'README.md'), 'utf8'))) {
    if (language === 'text' || text.startsWith('npm ')) continue
    if (language === 'sh') {
      const { code, output } = await place.sh(text)
      claims.push([`README's block at line ${line} runs (${code}: ${output.slice(-300)})`, code === 0])
    } else {
      place.write(title, text.replace('initial: 2048', 'initial: 32').replace(':8000', `:${port}`))
    }
  }
}

async function wrongTurnsAreAnswered(place: Place, claims: Claim[]): Promise<void> {
  const { turns, close } = await openWrongTurns()
  try {
    for (const { title, files = {}, sh, code, says } of turns) {
      for (const [name, text] of Object.entries(files)) place.write(name, text)
      const ended = await place.sh(sh)
      // What follows `ending:` is the end of a program's log.
      const [said = ''] = ended.output.split(/(?<=ending:)\n/)
      const sentences = said.trimEnd().split('\n')
      const isAnswered = ended.code === code && sentences.length === 1 && says.every((part) => part.test(ended.output))
      claims.push([
        `${title}: ${code} and ${says.join(' ')}; got ${ended.code}: ${ended.output.slice(-500)}`,
        isAnswered,
      ])
    }
  } finally {
    await close()
  }
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: NPM_MS,
    maxBuffer: 1 << 26,
  })
  return { status, output: `${stdout ?? ''}${status === 0 ? '' : (stderr ?? '')}${error?.message ?? ''}` }
}

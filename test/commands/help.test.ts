/** Help costs nothing: it is there for every command, and loads none of what the commands work with. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { programPath } from '../program.ts'

const RECORDER = fileURLToPath(new URL('../fixtures/record-packages.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'spendwise-help-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Helped {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly packages: readonly string[]
}

const SOURCES = fileURLToPath(new URL('../../bin/spendwise.js', import.meta.url))

function help(command: readonly string[], program = programPath()): Promise<Helped> {
  const record = join(folder, `${command.join('-')}-${program === SOURCES ? 'source' : 'built'}`)
  const env = { ...process.env, RECORD_PACKAGES: record, COLUMNS: '200' }
  return new Promise((resolve) => {
    const argv = ['--import', RECORDER, program, ...command, '--help']
    execFile(process.execPath, argv, { env }, (error, stdout, stderr) => {
      const packages = readFileSync(record, 'utf8')
        .split('\n')
        .filter((name) => name !== '')
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr, packages })
    })
  })
}

/** The names below "Commands:", without the help command itself. */
function commandsIn(text: string): string[] {
  const section = text.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? ''
  return Array.from(section.matchAll(/^ {2}(\w[\w-]*)/gm), (match) => match[1] ?? '').filter((name) => name !== 'help')
}

/** A command and all below it, each of which must have help. @returns how many there are */
async function visit(command: readonly string[]): Promise<number> {
  const helped = await help(command)
  const below = commandsIn(helped.stdout)
  expect({ command, ...helped }).toEqual({
    command,
    code: 0,
    stdout: expect.stringMatching(new RegExp(`^Usage: ${['spendwise', ...command].join(' ')} .*\\n\\n.{10}`)),
    stderr: '',
    // The parser of the command line is joined into the built program.
    packages: [],
  })
  const counts = await Promise.all(below.map((name) => visit([...command, name])))
  return counts.reduce((sum, count) => sum + count, 1)
}

test('every command has help, and none of it loads more than the parser of the command line', async () => {
  expect(await visit([])).toBeGreaterThan(14)
})

test.each([[[]], [['run']], [['doctor']], [['view']], [['export']], [['problems', 'import']]])(
  'as it lies in the sources, %j loads the parser of the command line and no other package for its help',
  async (command) => {
    expect((await help(command, SOURCES)).packages).toEqual(['commander'])
  },
)

test('the verbs of the design are all there', async () => {
  const verbs = 'init doctor plan run status traces sample train evaluate verify export problems report'.split(' ')
  expect(commandsIn((await help([])).stdout)).toEqual(expect.arrayContaining(verbs))
})

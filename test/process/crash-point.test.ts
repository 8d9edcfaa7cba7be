/** Crash points: the named one ends the process, all others are nothing, and each name stands somewhere in the sources. */

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { CRASH_POINTS, CRASH_VARIABLE } from '../../src/process/crash-point.ts'
import { readSources } from '../source-text.ts'

const MODULE = new URL('../../src/process/crash-point.ts', import.meta.url).pathname

/** Passes one point three times in a process of its own, saying each time that it continues. */
function passThrice(point: string, asked: string | undefined): { signal: string | null; lines: number } {
  const text = `import { crashPoint } from ${JSON.stringify(MODULE)}
    for (let i = 0; i < 3; i++) { crashPoint(${JSON.stringify(point)}); console.log('on') }`
  const env = { ...process.env, ...(asked === undefined ? {} : { [CRASH_VARIABLE]: asked }) }
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8', env })
  return { signal, lines: stdout.trimEnd().split('\n').filter(Boolean).length }
}

test.each([
  ['nothing', undefined, null, 3],
  ['another point', 'handle-stored', null, 3],
  ['the point', 'job-submitted', 'SIGKILL', 0],
  ['its third time', 'job-submitted:3', 'SIGKILL', 2],
])('where the environment names %s, the process ends just there', (_, asked, signal, lines) => {
  expect(passThrice('job-submitted', asked)).toEqual({ signal, lines })
})

test('every named point stands in the sources, and no other name does', () => {
  const calls = readSources('src', '.ts').flatMap(({ code }) =>
    [...code.matchAll(/\bcrashPoint\('([^']+)'\)/g)].map(([, name]) => name ?? ''),
  )
  expect([...new Set(calls)].sort()).toEqual([...CRASH_POINTS].sort())
})

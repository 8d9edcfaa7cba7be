/** Placeholders: argv in, argv out, and nothing is ever looked at twice. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillPlaceholders } from '../../src/core/placeholders.ts'

test.each<[string[], Record<string, string | number>, string[]]>([
  [['vllm', 'serve', '{checkpoint}'], { checkpoint: '/models/a b' }, ['vllm', 'serve', '/models/a b']],
  [['--port={port}', '{port}{port}'], { port: 8000 }, ['--port=8000', '80008000']],
  [['{"a": {"b": 1}}', '{}', '{ name }'], { name: 'x' }, ['{"a": {"b": 1}}', '{}', '{ name }']],
  [['{name}'], { name: '{checkpoint} $(rm -rf /) $& $1' }, ['{checkpoint} $(rm -rf /) $& $1']],
  [[], {}, []],
  [['{zero}'], { zero: 0 }, ['0']],
  [['{empty}'], { empty: '' }, ['']],
])('%j with %j', (argv, values, expected) => {
  expect(fillPlaceholders(argv, values)).toEqual(expected)
})

test('one without a value is named', () => {
  expect(() => fillPlaceholders(['a', '--x={nothing}'], { name: 'x' })).toThrow('{nothing} has no value here')
  expect(() => fillPlaceholders(['{name}'], { name: undefined })).toThrow(RangeError)
})

test('a value is inserted as it is, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(fillPlaceholders(['<{name}>'], { name: value })).toEqual([`<${value}>`])
    }),
  )
})

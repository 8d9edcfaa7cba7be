/** Placeholders: argv in, argv out, and nothing is ever looked at twice. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillPlaceholders, RECIPE_FLAGS } from '../../src/core/placeholders.ts'

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

/** Of torchrun in torch 2.13. */
const TORCHRUN_OPTIONS =
  `--duplicate-stderr-filters --duplicate-stdout-filters --event-log-handler --help --local-addr --local-ranks-filter --log-dir
  --logs-specs --master-addr --master-port --max-restarts --module --monitor-interval --nnodes --no-python --node-rank --nproc-per-node
  --numa-binding --rdzv-backend --rdzv-conf --rdzv-endpoint --rdzv-id --redirects --role --run-path --shutdown-timeout
  --signals-to-handle --standalone --start-method --tee --virtual-local-rank`.split(/\s+/)

test('no flag of a recipe is the beginning of an option of torchrun', () => {
  // Before Python 3.12 its parser takes an abbreviation of two of its own for an error, also behind the program that it starts.
  const begins = Object.values(RECIPE_FLAGS).filter((flag) =>
    TORCHRUN_OPTIONS.some((option) => option.startsWith(flag)),
  )
  expect(begins).toEqual([])
})

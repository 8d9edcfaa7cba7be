/** Whom the routes may be open to by which weights are replaced, and how many servers one command starts. */

import { expect, test } from 'vitest'
import { brokenRules } from '../../src/config/rules.ts'

const LOCAL = { baseURL: 'http://127.0.0.1:8000/v1', model: 'base' }
const FAR = { baseURL: 'http://10.0.0.1:8000/v1', model: 'base' }
const KEYED = { ...FAR, apiKeyEnv: 'KEY' }
const START = ['vllm', 'serve', '{checkpoint}', '--served-model-name', '{name}']
const BOUND = [...START, '--host', '127.0.0.1']

function faultsOf(endpoints: readonly object[], serve: object): string[] {
  const tree = { sample: { endpoints }, serve: { kind: 'reload', ...serve } }
  return brokenRules(tree).map(({ path, sentence }) => `${path.join('.')}: ${sentence}`)
}

test.each([
  ['a server of our own on loopback', [LOCAL], { command: BOUND }],
  ['its address written in one word', [LOCAL], { command: [...START, '--host=localhost'] }],
  ['a server of our own behind a key', [KEYED], { command: START }],
  ['engines on loopback', [LOCAL, { ...LOCAL, baseURL: 'http://[::1]:8001/v1' }], {}],
  ['engines behind a key', [KEYED], { adminURLs: ['http://10.0.0.1:8000/v1'] }],
  ['engines behind a balancer, reached by loopback', [FAR], { adminURLs: ['http://localhost:8000/v1'] }],
])('%s may be given weights', (_, endpoints, serve) => {
  expect(faultsOf(endpoints, serve)).toEqual([])
})

test.each([
  ['a server that listens everywhere', [LOCAL], { command: START }, /^serve\.command: .*"--host", "127\.0\.0\.1"/],
  ['one bound to another address', [LOCAL], { command: [...START, '--host', '0.0.0.0'] }, /^serve\.command: /],
  ['one bound twice', [LOCAL], { command: [...BOUND, '--host', '0.0.0.0'] }, /^serve\.command: /],
  ['an engine elsewhere without a key', [LOCAL, FAR], {}, /^sample\.endpoints\.1\.baseURL: .*apiKeyEnv/],
  [
    'an engine behind a balancer, without a key',
    [LOCAL],
    { adminURLs: ['http://10.0.0.1/v1'] },
    /^serve\.adminURLs\.0: /,
  ],
  [
    'one command for two endpoints',
    [LOCAL, LOCAL],
    { command: BOUND },
    /^serve\.command: serve\.command starts one server/,
  ],
  ['a command and engines of others', [LOCAL], { command: BOUND, adminURLs: [LOCAL.baseURL] }, /^serve\.adminURLs: /],
])('%s is refused', (_, endpoints, serve, sentence) => {
  expect(faultsOf(endpoints, serve)).toEqual([expect.stringMatching(sentence)])
})

/** Secrets in every place that they are written to: none is left, and what is needed to understand a fault is. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedactor, isSecretName, REDACTED, redactValue } from '../../../src/commands/doctor/redact.ts'

const KEY = 'Zx9-quiet/river+42='
const redact = createRedactor({
  env: { VLLM_API_KEY: KEY, OTHER: 'plain-value', MY_ACCESS: 'named-by-run-yaml', SHORT_TOKEN: 'ab' },
  keyVariables: ['MY_ACCESS'],
  home: '/home/ann',
})

test.each([
  ['a bare key', `said: ${KEY}.`],
  ['one in an address', `http://h/v1?x=${encodeURIComponent(KEY)}`],
  ['one of basic authentication', `Basic ${Buffer.from(KEY).toString('base64')}`],
  ['one in JSON', JSON.stringify({ message: `bad key ${KEY}` })],
  ['the value of a variable that run.yaml names', 'x named-by-run-yaml y'],
  ['user and password', 'proxy http://ann:named-pass@proxy:3128 refused', 'named-pass'],
  ['a parameter', 'GET http://h/models?api_key=abc123secretvalue&x=1', 'abc123secretvalue'],
  ['a signature', 'https://s3/x?X-Amz-Signature=deadbeefdeadbeef', 'deadbeefdeadbeef'],
  ['a bearer', 'Authorization: Bearer qwertyuiop', 'qwertyuiop'],
  ['a header of its own', "{'x-api-key': 'qwertyuiop'}", 'qwertyuiop'],
  ['a cookie', 'cookie: session=qwertyuiop; path=/', 'qwertyuiop'],
  ['a flag', 'vllm serve m --api-key qwertyuiop --port 8000', 'qwertyuiop'],
  ['a flag with =', 'vllm serve m --hf-token=qwertyuiop', 'qwertyuiop'],
  ['a flag in a list', '["--api-key", "qwertyuiop"]', 'qwertyuiop'],
  ['a variable before a command', 'env WANDB_API_KEY=qwertyuiop python', 'qwertyuiop'],
  ["a maker's key", 'invalid key sk-proj-abcdefgh12345678', 'abcdefgh12345678'],
  ['a token of the hub', 'hf_abcdefghijklmnop', 'abcdefghijklmnop'],
  ['a JSON web token', 'eyJhbGciOi.eyJzdWIiOi.sig', 'eyJzdWIiOi'],
])('%s is taken out', (_, text, secret = KEY) => {
  const said = redact(text)
  expect(said).toContain(REDACTED)
  expect(said).not.toContain(secret)
  expect(said).not.toContain('named-by-run-yaml')
  expect(said).not.toContain(encodeURIComponent(KEY))
})

test.each([
  'http://127.0.0.1:8000/v1/models answered 404: Not Found',
  'vllm serve {checkpoint} --served-model-name {name} --max-num-batched-tokens 512 --port 8000',
  'max_tokens=5000 cannot be greater than max_model_len=512, token_ids: [1, 2]',
  'https://router.huggingface.co/v1 serves Qwen/Qwen2.5-7B-Instruct',
  'plain-value ab',
])('%s stays as it is', (text) => expect(redact(text)).toBe(text))

test('the home directory is not named', () => expect(redact('/home/ann/runs/x')).toBe('~/runs/x'))

test('a configuration keeps its shape and loses its secrets', () => {
  const config = {
    sample: {
      endpoints: [{ baseURL: 'http://h/v1?key=aaaabbbbcccc', apiKeyEnv: 'VLLM_API_KEY', model: 'base' }],
      extraBody: { access_token: 'aaaabbbbcccc', top_k: 5, nested: [{ password: 'aaaabbbbcccc' }] },
      maxTokens: 512,
    },
    train: {
      env: { WANDB: 'aaaabbbbcccc', HF_TOKEN: null },
      command: ['python', '--token', 'aaaabbbbcccc', '--lr', '1e-6'],
    },
    serve: { command: ['env', 'HF_TOKEN=aaaabbbbcccc', 'vllm', '--api-key=aaaabbbbcccc', '{checkpoint}'] },
  }
  const said = redactValue(config, redact) as typeof config
  expect(JSON.stringify(said)).not.toContain('aaaabbbbcccc')
  expect(said.sample.endpoints[0]).toMatchObject({ apiKeyEnv: 'VLLM_API_KEY', model: 'base' })
  expect(said.sample).toMatchObject({ maxTokens: 512, extraBody: { top_k: 5 } })
  expect(said.train.env).toEqual({ WANDB: REDACTED, HF_TOKEN: null })
  expect(said.train.command).toEqual(['python', '--token', REDACTED, '--lr', '1e-6'])
  expect(said.serve.command.at(-1)).toBe('{checkpoint}')
})

test('whatever stands around it, a known secret is taken out', () => {
  const around = fc.string({ unit: 'binary', maxLength: 20 })
  const secret = fc.string({ minLength: 6, maxLength: 40 }).filter((text) => text.trim().length >= 6)
  fc.assert(
    fc.property(around, secret, around, (before, key, after) => {
      const said = createRedactor({ env: { X_TOKEN: key }, keyVariables: [], home: '' })(before + key.trim() + after)
      // A part of the word that takes its place may be the secret itself.
      return REDACTED.includes(key.trim()) || !said.replaceAll(REDACTED, '').includes(key.trim())
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('names', () => {
  for (const name of ['HF_TOKEN', 'apiKey', '--api-key', 'AWS_SECRET_ACCESS_KEY', 'password', 'Authorization'])
    expect([name, isSecretName(name)]).toEqual([name, true])
  for (const name of ['apiKeyEnv', 'maxTokens', 'max_tokens', 'model', 'pad_token', 'stop', 'eos_token'])
    expect([name, isSecretName(name)]).toEqual([name, false])
})

import { afterEach, expect, test } from 'vitest'
import { listModels, probeOneToken } from '../../../src/sample/server/questions.ts'
import { createTestServer, type TestServer, type TestServerOptions } from '../../server/openai-server.ts'

let server: TestServer | undefined

afterEach(() => server?.close())

async function start(options: TestServerOptions = {}) {
  server = await createTestServer(options)
  return { baseURL: server.baseURL, apiKey: undefined, apiKeyEnv: 'VLLM_API_KEY' }
}

test('the list of models tells name, root and longest context', async () => {
  const endpoint = await start({ modelNames: ['base', 'iter001'], maxModelLen: 4096 })
  expect(await listModels(endpoint)).toEqual([
    { id: 'base', root: 'base', parent: undefined, maxModelLen: 4096 },
    { id: 'iter001', root: 'iter001', parent: undefined, maxModelLen: 4096 },
  ])
})

test('one token shows who answers, over either API', async () => {
  const endpoint = await start()
  expect(await probeOneToken(endpoint, 'test-model')).toBe('test-model')
  expect(await probeOneToken(endpoint, 'test-model', undefined, { api: 'completions' })).toBe('test-model')
  await expect(probeOneToken(endpoint, 'nobody')).rejects.toThrow(/answered 404: The model `nobody` does not exist/)
})

test('a probe has a deadline and can be aborted', async () => {
  const endpoint = await start({ faults: { hang: 1 } })
  await expect(probeOneToken(endpoint, 'test-model', undefined, { timeoutMs: 100 })).rejects.toThrow(
    /did not answer within 0.1 s/,
  )
  const reason = new Error('enough')
  await expect(probeOneToken(endpoint, 'test-model', AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('a refused key, an empty port and a stranger are told apart', async () => {
  const endpoint = await start({ apiKey: 'right' })
  await expect(listModels(endpoint)).rejects.toThrow(/set the environment variable VLLM_API_KEY/)
  expect(await listModels({ ...endpoint, apiKey: 'right' })).toHaveLength(1)
  const metrics = { ...endpoint, apiKey: 'right', baseURL: endpoint.baseURL.replace('/v1', '/stats?') }
  await expect(listModels(metrics)).rejects.toThrow(/does not speak the OpenAI protocol/)
  await server?.close()
  await expect(listModels(endpoint)).rejects.toThrow(/Nobody answers at .*ECONNREFUSED/)
})

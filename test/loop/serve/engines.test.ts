/** What run.yaml says of serving, as the engines behind it are told. */

import { expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError } from '../../../src/core/errors.ts'
import { askedEndpoints, endpointOf, fleetEndpoint, probeOptions } from '../../../src/loop/serve/endpoint.ts'
import { type FleetSection, fleetEngine } from '../../../src/loop/serve/fleet-engine.ts'
import { handOverEngine } from '../../../src/loop/serve/hand-overs.ts'
import { reloadEndpoints } from '../../../src/loop/serve/reload.ts'
import { thinkingOf } from '../../../src/loop/serve/thinking.ts'
import { scriptedConfig } from '../scripted-run.ts'

const configOf = (serve: string, sample = '') => scriptedConfig({ yaml: `serve: ${serve}`, sample })

const FLEET = (more: string): string =>
  `{ kind: fleet, servers: 2, command: [serve, "{checkpoint}", "{name}", "{port}"], ports: 20000-20100, ${more} }`
const fleetOf = (more: string) => fleetEngine(configOf(FLEET(more)).serve as FleetSection, '/where/run.yaml/lies')

test('servers of this machine are reached on loopback, and an old one ends before a new one begins', () => {
  const { engine, ...facts } = fleetOf('through: local')
  expect(facts).toEqual({ resources: {}, host: '127.0.0.1', endsFirst: true })
  expect(engine.submit).toBeTypeOf('function')
})

test('servers that are Slurm’s or Ray’s jobs have a machine each, with what they ask for of it', () => {
  const { engine, ...facts } = fleetOf(
    'through: slurm, slurm: { gpus: 2, memory: 64G, time: "4:00:00", partition: long }',
  )
  expect(facts).toMatchObject({ host: undefined, endsFirst: false })
  expect(facts.resources).toEqual({ nodes: 1, gpus: 2, memory: '64G', time: '4:00:00' })
  expect(engine.submit).toBeTypeOf('function')
  const ray = fleetOf('through: ray, ray: { address: "http://head:8265", gpus: 1, cpus: 4, resources: { big: 1 } }')
  expect(ray).toMatchObject({ host: undefined, endsFirst: false })
  expect(ray.resources).toMatchObject({ gpus: 1, cpus: 4, custom: { big: 1 } })
})

const COMMAND = 'command: [serve, "{checkpoint}", "{name}", "{port}"]'

test.each<[string, object]>([
  ['external', { server: 'elsewhere', weightsBy: 'name', takesAdapters: false }],
  [`{ kind: restart, ${COMMAND} }`, { server: 'started', weightsBy: 'name', takesAdapters: false }],
  ['lora', { server: 'running', weightsBy: 'name', takesAdapters: true }],
  ['reload', { server: 'running', weightsBy: 'version', takesAdapters: false }],
  [`{ kind: reload, ${COMMAND} }`, { server: 'started', weightsBy: 'version', takesAdapters: false }],
  [FLEET(''), { server: 'started', weightsBy: 'name', takesAdapters: false }],
  [FLEET('adapters: true'), { server: 'started', weightsBy: 'name', takesAdapters: true }],
])('whose server %s means, and how its weights are told', (serve, facts) => {
  // What a section asks of the rest of run.yaml is not what is looked at here.
  const config = { ...configOf('external'), serve: sectionOf(serve) } as ReturnType<typeof configOf>
  expect(handOverEngine(config)).toMatchObject(facts)
})

/** The section as far as its facts go. */
function sectionOf(serve: string): object {
  const kind = /kind: (\w+)/.exec(serve)?.[1] ?? serve
  return {
    kind,
    command: serve.includes('command') ? ['serve'] : undefined,
    adapters: serve.includes('adapters: true'),
  }
}

test('a kind of one’s own is taken in place of ours', () => {
  const config = configOf('external')
  const own = { ...handOverEngine(config), server: 'running' }
  expect(handOverEngine(config, { external: own } as never)).toMatchObject({ server: 'running' })
})

const written = (changes: object = {}) => ({
  baseURL: 'http://host:8000/v1//',
  model: 'm',
  apiKeyEnv: 'TEST_KEY',
  ...changes,
})

test('a key comes from its variable, without what a file has around it, and an address without slashes behind it', () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const [value, apiKey] of [
    ['sk-1\n', 'sk-1'],
    [' sk-1 ', 'sk-1'],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    vi.stubEnv('TEST_KEY', value)
    expect(endpointOf(written())).toEqual({ baseURL: 'http://host:8000/v1', apiKey, apiKeyEnv: 'TEST_KEY' })
  }
  vi.stubEnv('TEST_KEY', 'sk-1')
  expect(endpointOf(written({ apiKeyEnv: undefined })).apiKey).toBeUndefined()
  for (const value of ['sk 1', 'sk\n1', 'schlüssel']) {
    vi.stubEnv('TEST_KEY', value)
    expect(() => endpointOf(written())).toThrow(ConfigError)
    expect(() => endpointOf(written())).toThrow(/TEST_KEY holds more than a key/)
  }
})

test('next to the sampling every endpoint is asked, and of a fleet the server that was named', () => {
  const plain = configOf('external')
  expect(askedEndpoints(plain, 'http://served:1/v1').map(({ baseURL }) => baseURL)).toEqual(['http://127.0.0.1:1/v1'])
  const fleet = { ...plain, serve: { kind: 'fleet', apiKeyEnv: undefined } } as unknown as typeof plain
  expect(askedEndpoints(fleet, 'http://served:1/v1/')).toEqual([fleetEndpoint({}, 'http://served:1/v1')])
  expect(probeOptions(configOf('external', 'temperature: 0.4, topP: 0.9'))).toEqual({
    api: 'chat',
    temperature: 0.4,
    topP: 0.9,
  })
})

test('engines behind a balancer are given the weights each, with the endpoint’s key; else the endpoints are', () => {
  const config = configOf('external')
  const engines = (adminURLs: string[]) =>
    reloadEndpoints(config, { kind: 'reload', adminURLs } as never).map(({ baseURL }) => baseURL)
  expect(engines([])).toEqual(['http://127.0.0.1:1/v1'])
  expect(engines(['http://a:1/v1/', 'http://b:1/v1'])).toEqual(['http://a:1/v1', 'http://b:1/v1'])
})

test.each<[string, boolean]>([
  ['', false],
  ['templateKwargs: { enable_thinking: false }', true],
  ['templateKwargs: { thinking: false }', true],
  ['templateKwargs: { enable_thinking: true }', false],
  ['templateKwargs: { other: false }', false],
])('with %j thinking is off: %j', (sample, isOff) => {
  expect(thinkingOf(configOf('external', sample).sample)).toEqual({ handling: 'join', isOff })
})

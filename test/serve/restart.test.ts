/** The hand-over by restart, with a real server process on a real port. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Interrupted, ServerError } from '../../src/core/errors.ts'
import { isAlive, type ProcessIdentity } from '../../src/process/owned.ts'
import { stopStarted } from '../../src/process/stop.ts'
import { listModels, probeOneToken } from '../../src/sample/server/questions.ts'
import { createMemoryJournal } from '../../src/serve/memory-journal.ts'
import { servedName } from '../../src/serve/names.ts'
import type { RestartOptions } from '../../src/serve/restart.ts'
import { startProgram } from '../fixtures/program.ts'
import { createTestServer } from '../server/openai-server.ts'
import { checkpointOf, endpointOf, restartOptions, type Setting, serveCommand } from './hand-over.ts'
import { createServing, isPortFree, NEVER, newSetting, onLinux, serverProcess } from './restarting.ts'

test.each([
  [-1, 0, 'run-base'],
  [0, 0, 'run-iteration000'],
  [12, 0, 'run-iteration012'],
  [12, 2, 'run-iteration012-attempt2'],
])('iteration %i, attempt %i is served as %s', (iteration, attempt, name) => {
  expect(servedName('run', { iteration, attempt, kind: 'full', path: '/x', hash: 'sha256:x' })).toBe(name)
})

describe('serving', () => {
  test('starts the server on the checkpoint, under its name, and proves that it answers', async () => {
    const setting = await newSetting()
    const base = checkpointOf(setting, -1)
    const serving = await createServing(setting).serve(base, NEVER)
    expect(serving).toEqual({ baseURL: endpointOf(setting).baseURL, model: 'run-base', proven: true })
    expect(await listModels(endpointOf(setting))).toMatchObject([{ id: 'run-base', root: base.path }])
  })

  test('a new checkpoint gives it a new name, and the old name is unknown', async () => {
    const setting = await newSetting()
    const server = createServing(setting)
    await server.serve(checkpointOf(setting, -1), NEVER)
    const first = serverProcess(setting)
    const { model } = await server.serve(checkpointOf(setting, 0), NEVER)
    expect(model).toBe('run-iteration000')
    expect(await probeOneToken(endpointOf(setting), model)).toBe(model)
    await expect(probeOneToken(endpointOf(setting), 'run-base')).rejects.toThrow(/404/)
    if (first) expect(isAlive(first)).toBe(false)
  })

  test('the same checkpoint again changes nothing', async () => {
    const setting = await newSetting()
    const server = createServing(setting)
    const checkpoint = checkpointOf(setting, 0)
    const serving = await server.serve(checkpoint, NEVER)
    const first = serverProcess(setting)
    expect(await server.serve(checkpoint, NEVER)).toEqual(serving)
    expect(serverProcess(setting)).toEqual(first)
    expect(readFileSync(restartOptions(setting).log, 'utf8').match(/listening/g)).toHaveLength(1)
  })

  test.runIf(onLinux)('a server that has died is started again', async () => {
    const setting = await newSetting()
    const server = createServing(setting)
    const checkpoint = checkpointOf(setting, 0)
    await server.serve(checkpoint, NEVER)
    const first = serverProcess(setting)
    if (!first) return expect.unreachable()
    process.kill(first.pid, 'SIGKILL')
    await vi.waitFor(() => expect(isAlive(first)).toBe(false))
    const { model } = await server.serve(checkpoint, NEVER)
    expect(await probeOneToken(endpointOf(setting), model)).toBe(model)
    expect(serverProcess(setting)).not.toEqual(first)
  })

  test('waits while the weights are loaded', async () => {
    const setting = await newSetting()
    const server = createServing(setting, { command: serveCommand('--load-ms', '700') })
    const { model } = await server.serve(checkpointOf(setting, 1), NEVER)
    expect(await probeOneToken(endpointOf(setting), model)).toBe(model)
  })
})

describe('memory', () => {
  const told = (setting: Setting, text: string) => {
    writeFileSync(join(setting.folder, 'used.txt'), text)
    return { command: ['cat', 'used.txt'], cwd: setting.folder, belowMib: 100, seconds: 0.2 }
  }

  test('that stays in use keeps the next server from starting, and says which device', async () => {
    const setting = await newSetting()
    const server = createServing(setting, { memory: told(setting, '3\n40321\n') })
    await expect(server.serve(checkpointOf(setting, 0), NEVER)).rejects.toThrow(
      'Device 1 still has 40321 MiB in use 0.2 s after the inference server ended',
    )
    expect(serverProcess(setting)).toBeUndefined()
  })

  test('that is free lets it start, and the trainer after it', async () => {
    const setting = await newSetting()
    const server = createServing(setting, { memory: told(setting, '3\n12\n') })
    await server.serve(checkpointOf(setting, 0), NEVER)
    await server.freeDevices(NEVER)
    expect(await isPortFree(setting)).toBe(true)
  })

  test.each([
    ['says nothing', ['true'], 'named no device'],
    ['is not there', ['/nowhere/nvidia-smi'], 'does not tell how much memory is in use'],
  ])('whose command %s is a sentence', async (_, command, sentence) => {
    const setting = await newSetting()
    const memory = { ...told(setting, ''), command }
    await expect(createServing(setting, { memory }).freeDevices(NEVER)).rejects.toThrow(sentence)
  })
})

describe('releasing', () => {
  test('ends the server and frees its port; then it can serve again', async () => {
    const setting = await newSetting()
    const server = createServing(setting)
    await server.serve(checkpointOf(setting, -1), NEVER)
    expect(await isPortFree(setting)).toBe(false)
    await server.release()
    expect(await isPortFree(setting)).toBe(true)
    expect(serverProcess(setting)).toBeUndefined()
    await server.serve(checkpointOf(setting, -1), NEVER)
    expect(await isPortFree(setting)).toBe(false)
  })

  test('what was never started, or is released already, is nothing', async () => {
    const setting = await newSetting()
    const server = createServing(setting)
    await server.release()
    await server.serve(checkpointOf(setting, -1), NEVER)
    await server.release()
    await server.release()
    expect(await isPortFree(setting)).toBe(true)
  })
})

describe.skipIf(!onLinux)('the server that a killed spendwise has left (Linux only)', () => {
  async function leave(setting: Setting, iteration: number): Promise<ProcessIdentity> {
    const args = [JSON.stringify(setting), JSON.stringify(checkpointOf(setting, iteration))]
    const owner = startProgram('serve-owner', args)
    expect(await owner.line()).toMatch(/^run-/)
    owner.child.kill('SIGKILL')
    await owner.exit
    const left = serverProcess(setting)
    if (!left) throw new Error('the server has ended with its owner')
    onTestFinished(() => stopStarted({ identity: left }, 0))
    return left
  }

  test('is taken over when it serves just this checkpoint, and ends when it is released', async () => {
    const setting = await newSetting()
    const left = await leave(setting, 3)
    const server = createServing(setting)
    expect(await server.serve(checkpointOf(setting, 3), NEVER)).toMatchObject({ model: 'run-iteration003' })
    expect(serverProcess(setting)).toEqual(left)
    await server.release()
    expect(isAlive(left)).toBe(false)
    expect(await isPortFree(setting)).toBe(true)
  })

  test('is replaced when the same name stands for other weights by now', async () => {
    const setting = await newSetting()
    const left = await leave(setting, 3)
    const other = { ...checkpointOf(setting, 3), hash: 'sha256:others' }
    expect(await createServing(setting).serve(other, NEVER)).toMatchObject({ model: 'run-iteration003' })
    expect(isAlive(left)).toBe(false)
  })

  test('is gone with its workers, also those that have left its group or outlived it', async () => {
    const setting = await newSetting()
    const left = await leave(setting, 3)
    const env = { ...process.env, SPENDWISE_PROCESS: `${setting.folder}#serve` }
    const worker = spawn('sleep', ['600'], { env, detached: true })
    await once(worker, 'spawn')
    process.kill(left.pid, 'SIGKILL')
    await createServing(setting).release()
    expect(worker.exitCode ?? worker.signalCode ?? (await once(worker, 'exit'))).not.toBeNull()
  })

  test('is replaced when it serves another one', async () => {
    const setting = await newSetting()
    const left = await leave(setting, 3)
    const { model } = await createServing(setting).serve(checkpointOf(setting, 4), NEVER)
    expect(await probeOneToken(endpointOf(setting), model)).toBe('run-iteration004')
    expect(isAlive(left)).toBe(false)
  })

  test('is released by one that has served nothing itself', async () => {
    const setting = await newSetting()
    const left = await leave(setting, -1)
    await createServing(setting).release()
    expect(isAlive(left)).toBe(false)
  })

  test('is left alone by another run, which is told that the port is taken', async () => {
    const setting = await newSetting()
    const left = await leave(setting, -1)
    const other = createServing(setting, { runMarker: '/another/run', journal: createMemoryJournal() })
    await expect(other.serve(checkpointOf(setting, -1), NEVER)).rejects.toThrow('Something else already answers')
    await other.release()
    expect(isAlive(left)).toBe(true)
  })
})

describe('a hand-over that fails is a sentence, and leaves nothing behind', () => {
  async function failure(setting: Setting, changes: Partial<RestartOptions>): Promise<ServerError> {
    const error: unknown = await createServing(setting, changes)
      .serve(checkpointOf(setting, 0), NEVER)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({ exitCode: 3 })
    expect(serverProcess(setting)).toBeUndefined()
    return error as ServerError
  }

  test('when the server dies while starting', async () => {
    const setting = await newSetting()
    const { message } = await failure(setting, { command: serveCommand('--fail-start', '7') })
    const { log } = restartOptions(setting)
    expect(message).toBe(
      `The inference server ended while starting (exit code 7), saying "the weights cannot be loaded"; its log is ${log}.`,
    )
    expect(readFileSync(log, 'utf8')).toContain('the weights cannot be loaded')
  })

  test('when it is never ready', async () => {
    const setting = await newSetting()
    const { message } = await failure(setting, { command: serveCommand('--load-ms', '600000'), readySeconds: 0.5 })
    expect(message).toContain('was not ready at')
    expect(message).toContain('raise serve.readySeconds')
  })

  test('when it serves another name', async () => {
    const setting = await newSetting()
    const command = serveCommand().map((argument) => (argument === '{name}' ? 'my-{name}' : argument))
    const { message } = await failure(setting, { command })
    expect(message).toContain('is up but does not answer as run-iteration000')
    expect(message).toContain('serve.command must pass {name}')
    expect(await isPortFree(setting)).toBe(true)
  })

  test('when its program is not there', async () => {
    const setting = await newSetting()
    const { message } = await failure(setting, { command: ['/nowhere/vllm', 'serve', '{checkpoint}'] })
    expect(message).toContain('check serve.command (/nowhere/vllm)')
  })

  test('when a stranger answers on its port, who is left alone', async () => {
    const setting = await newSetting()
    const stranger = await createTestServer({ port: setting.port })
    onTestFinished(() => stranger.close())
    const { message } = await failure(setting, {})
    expect(message).toContain(`Something else already answers at ${endpointOf(setting).baseURL}`)
    expect(await listModels(endpointOf(setting))).toMatchObject([{ id: 'test-model' }])
  })

  test('when its port is taken by something that speaks no HTTP', async () => {
    const setting = await newSetting()
    const stranger = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => stranger.listen(setting.port, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>((resolve) => void stranger.close(() => resolve())))
    const { message } = await failure(setting, {})
    expect(message).toContain('ended while starting (exit code 1)')
  })
})

describe('an interruption', () => {
  test('ends a server that is still loading', async () => {
    const setting = await newSetting()
    const controller = new AbortController()
    const server = createServing(setting, { command: serveCommand('--load-ms', '600000') })
    const serving = server.serve(checkpointOf(setting, 0), controller.signal)
    if (onLinux) await vi.waitFor(() => expect(serverProcess(setting)).toBeDefined())
    controller.abort(new Interrupted())
    await expect(serving).rejects.toBeInstanceOf(Interrupted)
    expect(serverProcess(setting)).toBeUndefined()
  })

  test('does not wait for whoever holds the port and says nothing', async () => {
    const setting = await newSetting()
    const controller = new AbortController()
    const silent = createServer(() => controller.abort(new Interrupted()))
    await new Promise<void>((resolve) => silent.listen(setting.port, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>((resolve) => void silent.close(() => resolve())))
    const serving = createServing(setting).serve(checkpointOf(setting, 0), controller.signal)
    await expect(serving).rejects.toBeInstanceOf(Interrupted)
  })
})

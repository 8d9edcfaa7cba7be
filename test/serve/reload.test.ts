import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Checkpoint } from '../../src/core/checkpoint.ts'
import { ServerError } from '../../src/core/errors.ts'
import type { Canary } from '../../src/core/measure/canary.ts'
import { hashOf, MODEL, NEVER, type Own, othersEngines, ownServer, rounded, trained, untold } from './reloading.ts'

describe('a server of our own', () => {
  test('continues running under the same name, and each checkpoint is proven by what the trainer says of it', async () => {
    const own = await ownServer()
    expect(await own.serve(-1)).toMatchObject({ model: MODEL, proven: true })
    const pid = own.pid()
    for (const iteration of [0, 1]) {
      expect(await own.serve(iteration)).toMatchObject({ model: MODEL, proven: true })
      expect(own.journal.last()).toMatchObject({ name: MODEL, step: 'proven' })
    }
    expect(own.pid()).toBe(pid)
    expect(own.notes).toEqual([])
  })

  test('that leaves a part of the old weights is started again before anything is sampled, and from then on at once', async () => {
    const own = await ownServer({ flags: ['--reload-leaves', '0.2'] })
    await own.serve(-1)
    const pids = [own.pid()]
    expect(await own.serve(0)).toMatchObject({ proven: true })
    pids.push(own.pid())
    expect(own.notes).toEqual([expect.stringContaining('leaves old weights in place')])
    await own.serve(1)
    pids.push(own.pid())
    expect(new Set(pids).size).toBe(3)
    expect(own.notes).toHaveLength(1)
  })

  test('whose output layer is tied is compared with one start where rounding could hide an old one, and then with the trainer', async () => {
    const own = await ownServer({ isTied: true, canaryOf: (checkpoint) => rounded(trained(checkpoint)) })
    await own.serve(-1)
    const first = own.pid()
    expect(await own.serve(0)).toMatchObject({ proven: true })
    const second = own.pid()
    expect(second).not.toBe(first)
    expect(own.notes).toEqual([expect.stringContaining('as those of a fresh start')])
    expect(await own.serve(1)).toMatchObject({ proven: true })
    expect(own.pid()).toBe(second)
  })

  test('whose trainer says nothing is compared with one start, and then continues running', async () => {
    const own = await ownServer({ canaryOf: untold })
    await own.serve(-1)
    const first = own.pid()
    await own.serve(0)
    const second = own.pid()
    expect(second).not.toBe(first)
    expect(own.notes).toEqual([expect.stringContaining('as those of a fresh start')])
    expect(await own.serve(1)).toMatchObject({ proven: true })
    expect(await own.serve(2)).toMatchObject({ proven: true })
    expect(own.pid()).toBe(second)
    expect(own.notes).toHaveLength(1)
  })

  test('whose trainer did not start from what is served is compared with a start, and then with the trainer', async () => {
    const canaryOf = (checkpoint: Checkpoint): Canary | undefined => {
      const canary = trained(checkpoint)
      return canary && { ...canary, before: undefined }
    }
    const own = await ownServer({ canaryOf })
    await own.serve(-1)
    await own.serve(0)
    const second = own.pid()
    expect(own.notes).toHaveLength(1)
    expect(await own.serve(1)).toMatchObject({ proven: true })
    expect(own.pid()).toBe(second)
  })

  test.each([
    ['has no such routes', ['--no-development'], (own: Own) => own.at(0)],
    ['cannot load them', [], (own: Own) => ({ ...own.at(0), path: join(own.setting.folder, 'nowhere') })],
  ])('that %s is started again', async (_, flags, checkpointOf) => {
    const own = await ownServer({ flags })
    await own.serve(-1)
    const first = own.pid()
    const serving = own.server.serve(checkpointOf(own), NEVER)
    if (flags.length > 0) expect(await serving).toMatchObject({ proven: true })
    // Nor does a new one start on a directory that is not there.
    else await expect(serving).rejects.toThrow(ServerError)
    expect(own.pid()).not.toBe(first)
    expect(own.notes).toEqual([expect.stringContaining('does not take new weights while it runs')])
  })

  test('is asked for what it serves, and not loaded twice', async () => {
    const own = await ownServer()
    await own.serve(0)
    const again = await ownServer({ again: own })
    expect(await again.serve(0)).toMatchObject({ proven: true })
    expect(again.pid()).toBe(own.pid())
    expect(again.journal.last()).toMatchObject({ step: 'proven' })
  })

  test('that somebody has given other weights meanwhile is given the right ones again', async () => {
    const own = await ownServer()
    await own.serve(0)
    const { port } = own.setting
    await fetch(`http://127.0.0.1:${port}/update_weight_version`, { method: 'POST', body: '{"new_version":"other"}' })
    expect(await own.serve(0)).toMatchObject({ proven: true })
    const told = await (await fetch(`http://127.0.0.1:${port}/weight_info`)).json()
    expect(told).toEqual({ weight_version: hashOf(0) })
  })

  test('that a killed spendwise has left in mid-switch is not trusted', async () => {
    const own = await ownServer()
    await own.serve(-1)
    await fetch(`http://127.0.0.1:${own.setting.port}/pause?mode=wait`, { method: 'POST' })
    const last = own.journal.last()
    own.journal.record({
      name: MODEL,
      weights: `${hashOf(0)} ${own.at(0).path}`,
      step: 'reloading',
      server: last?.server,
    })
    const pid = own.pid()
    const again = await ownServer({ again: own })
    expect(await again.serve(0)).toMatchObject({ proven: true })
    expect(again.pid()).not.toBe(pid)
  })

  test('that has died is started on what is asked for', async () => {
    const own = await ownServer()
    await own.serve(-1)
    const pid = own.pid() ?? 0
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => own.pid(), { timeout: 10_000 }).toBeUndefined()
    expect(await own.serve(0)).toMatchObject({ proven: true })
  })
})

describe('engines of somebody else', () => {
  test('hold the base as they stand, and each is given every checkpoint, in all of its parts', async () => {
    const { engines, serve, notes } = await othersEngines([{ engines: 2 }, {}])
    expect(await serve(-1)).toMatchObject({ model: MODEL, proven: false })
    expect(await serve(0)).toMatchObject({ proven: true })
    expect(await serve(1)).toMatchObject({ proven: true })
    const orders = ['pause', 'collective_rpc', 'reset_prefix_cache', 'update_weight_version', 'resume']
    for (const { development } of engines) {
      expect(development.calls.filter((call) => !['weight_info', 'get_world_size'].includes(call))).toEqual([
        'update_weight_version',
        ...orders,
        ...orders,
      ])
    }
    expect(notes).toEqual([])
  })

  test('hold the base for the next run too, unless they were given other weights meanwhile', async () => {
    const { engines, serve, serveAgain } = await othersEngines([{}])
    const loads = () => engines[0]?.development.calls.filter((call) => call === 'collective_rpc').length
    await serve(-1)
    await serveAgain(-1)
    expect(loads()).toBe(0)
    const other = await othersEngines([{}])
    await other.serve(-1)
    await other.serve(0)
    await other.serveAgain(-1)
    expect(other.engines[0]?.development.calls.filter((call) => call === 'collective_rpc')).toHaveLength(2)
  })

  test.each([
    ['one engine of two that leaves old weights in place', [{}, { reloadLeaves: 0.2 }]],
    ['a part of one that is not reached', [{ engines: 2, reloadReaches: 1 }]],
  ])('%s ends the run before anything is sampled', async (_, each) => {
    const { serve } = await othersEngines(each)
    await serve(-1)
    await expect(serve(0)).rejects.toThrow(/some of the old weights are still in place/)
  })

  test('without development routes are told apart in one sentence', async () => {
    const { serve } = await othersEngines([{ isThere: false }])
    await serve(-1)
    await expect(serve(0)).rejects.toThrow(/VLLM_SERVER_DEV_MODE=1/)
  })

  test('stay unproven where the trainer says nothing', async () => {
    const { serve, notes } = await othersEngines([{}], untold)
    await serve(-1)
    expect(await serve(0)).toMatchObject({ proven: false })
    expect(notes).toEqual([expect.stringContaining('Nothing proves')])
  })

  test('without versions are proven all the same', async () => {
    const { serve } = await othersEngines([{ hasVersions: false }])
    await serve(-1)
    expect(await serve(0)).toMatchObject({ proven: true })
    expect(await serve(0)).toMatchObject({ proven: true })
  })
})

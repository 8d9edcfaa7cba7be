/** The batcher: small writes become few, in order, and a failure is of its own batch alone. */

import { describe, expect, test } from 'vitest'
import { type Batcher, createBatcher } from '../../src/store/batcher.ts'

interface Recorded {
  readonly batcher: Batcher<number, string>
  readonly batches: number[][]
}

const NEVER = 2 ** 30

function recording(
  limits: { size: number; delayMs: number },
  fails: (item: number) => boolean = () => false,
): Recorded {
  const batches: number[][] = []
  const batcher = createBatcher<number, string>((items) => {
    batches.push([...items])
    if (items.some(fails)) throw new Error(`cannot ${items.find(fails)}`)
    return items.map(String)
  }, limits)
  return { batcher, batches }
}

function addAll(batcher: Batcher<number, string>, count: number): Promise<string>[] {
  return Array.from({ length: count }, (_, i) => batcher.add(i))
}

describe('batches', () => {
  test('are as large as they may be, in the order of adding, and everyone gets the own result', async () => {
    const { batcher, batches } = recording({ size: 4, delayMs: NEVER })
    const added = addAll(batcher, 10)
    await batcher.flush()
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
    expect(await Promise.all(added)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  test('do not wait for ever to be full', async () => {
    const { batcher, batches } = recording({ size: 100, delayMs: 1 })
    expect(await Promise.all(addAll(batcher, 3))).toEqual(['0', '1', '2'])
    expect(batches).toEqual([[0, 1, 2]])
    expect(await batcher.add(9)).toBe('9')
    expect(batches).toHaveLength(2)
  })

  test('run one after the other, also where one takes longer', async () => {
    const running: string[] = []
    const batcher = createBatcher<number, number>(
      async (items) => {
        running.push(`start ${items.join()}`)
        await new Promise((resolve) => setTimeout(resolve, 20 - 10 * (items[0] ?? 0)))
        running.push(`end ${items.join()}`)
        return items
      },
      { size: 1, delayMs: NEVER },
    )
    await Promise.all([batcher.add(0), batcher.add(1), batcher.add(2)])
    expect(running).toEqual(['start 0', 'end 0', 'start 1', 'end 1', 'start 2', 'end 2'])
  })
})

describe('a failing batch', () => {
  test('rejects its own items only, and the next ones continue', async () => {
    const { batcher, batches } = recording({ size: 2, delayMs: NEVER }, (item) => item === 3)
    const results = await Promise.allSettled(addAll(batcher, 6))
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(results[2]).toMatchObject({ reason: { message: 'cannot 3' } })
    expect(batches).toHaveLength(3)
  })

  test('that gives too few results is one', async () => {
    const batcher = createBatcher<number, number>((items) => items.slice(1), { size: 3, delayMs: NEVER })
    const results = await Promise.allSettled([batcher.add(1), batcher.add(2), batcher.add(3)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(results[0]).toMatchObject({ reason: { message: '3 items gave 2 results' } })
  })
})

describe('flushing', () => {
  test('is done when everything added before is done, failures included', async () => {
    const { batcher, batches } = recording({ size: 100, delayMs: NEVER }, (item) => item === 1)
    const added = Promise.allSettled(addAll(batcher, 2))
    await batcher.flush()
    expect(batches).toEqual([[0, 1]])
    expect((await added).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  test('of nothing is nothing', async () => {
    const { batcher, batches } = recording({ size: 1, delayMs: NEVER })
    await batcher.flush()
    expect(batches).toEqual([])
  })
})

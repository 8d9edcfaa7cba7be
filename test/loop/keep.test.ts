/** An old checkpoint is deleted only when a newer one may be built upon, however little is to be kept. */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import type { IterationState } from '../../src/core/status.ts'
import { pruneCheckpoints } from '../../src/loop/keep.ts'
import { createRun, temporaryFolder } from '../store/hand-made-run.ts'

const config = parseRunConfig({
  text: `name: small
problems: { train: [{ dataset: steps, count: 10 }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 5 } }
keep: { last: 1, best: 0 }
`,
  file: 'run.yaml',
})

test('neither a checkpoint that the gate rejects nor one that it has not seen yet takes the place of the accepted one', () => {
  const directory = temporaryFolder()
  const store = createRun(directory)
  const folderOf = (iteration: number): string => join(directory, 'checkpoints', `0${iteration}`)
  const make = (iteration: number, state: IterationState): void => {
    mkdirSync(folderOf(iteration), { recursive: true })
    store.iterations.plan(iteration, { kind: 'accepted', count: 5 })
    store.iterations.addCheckpoint({
      iteration,
      attempt: 0,
      kind: 'full',
      path: `checkpoints/0${iteration}`,
      hash: `sha256:${iteration}`,
    })
    store.iterations.setState(iteration, state)
  }
  const left = (): number[] => {
    pruneCheckpoints({ config, store, directory })
    return [0, 1, 2].filter((iteration) => existsSync(folderOf(iteration)))
  }
  make(0, 'done')
  expect(left()).toEqual([0])
  make(1, 'rejected')
  expect(left()).toEqual([0, 1])
  make(2, 'serving')
  expect(left()).toEqual([0, 2])
  store.iterations.setState(2, 'evaluating')
  expect(left()).toEqual([0, 2])
  store.iterations.setState(2, 'done')
  expect(left()).toEqual([2])
})

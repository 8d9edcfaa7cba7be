/** An iteration's job to its end: submitted once, followed, submitted again where the machine was at fault, and told of in sentences. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { TrainerAway, TrainerError } from '../../../src/core/errors.ts'
import type { TrainJob } from '../../../src/core/trainer.ts'
import { sampleIteration } from '../../../src/loop/sample/sampling.ts'
import { moveAside, removeLeftovers } from '../../../src/loop/train/move-output-aside.ts'
import { runJob } from '../../../src/loop/train/resume-job.ts'
import { trainIteration } from '../../../src/loop/train/training.ts'
import { type Script, scriptRun } from '../scripted-run.ts'
import { type Course, scriptTrainer, writeMetrics } from './scripted-trainer.ts'

/** A run whose first iteration has traces to train on. */
function stage(courses: readonly Course[], options: Parameters<typeof scriptTrainer>[1] = {}, script: Script = {}) {
  const trainer = scriptTrainer(courses, options)
  const run = scriptRun({ trainer, ...script })
  const { store } = run.context
  run.begin(2)
  run.drawn(
    'train',
    0,
    [0, 1].map((i) => ({ problem: `train/${i}`, issue: i, text: `${i}` })),
  )
  store.completions.closeEach(
    'train',
    0,
    () => 'accepted',
    () => undefined,
  )
  store.iterations.setState(0, 'training')
  const row = () => {
    const found = store.iterations.get(0)
    if (!found) throw new Error('there is an iteration')
    return found
  }
  const train = () => trainIteration(run.context, trainer, row(), run.base)
  return { ...run, trainer, row, train, store, job: () => store.iterations.job(0, row().attempt) }
}

test('a job that succeeds brings its checkpoint, its tokens and its numbers', async () => {
  const { train, trainer, store, context, events, row } = stage([['pending', 'running', 'succeeded']])
  const made = await train()
  const [job] = trainer.submitted
  expect(trainer.submitted).toHaveLength(1)
  expect(job).toMatchObject({ key: '0-0', iteration: 0, rows: 2, base: '/base' })
  expect(
    readFileSync(job?.dataset ?? '', 'utf8')
      .trim()
      .split('\n'),
  ).toHaveLength(2)
  expect(made).toMatchObject({ iteration: 0, attempt: 0, kind: 'full', hash: 'sha256:weights-of-0-0' })
  expect(store.iterations.checkpoints()).toHaveLength(2)
  expect(row().state).toBe('serving')
  expect(store.iterations.job(0, 0)).toMatchObject({ state: 'succeeded', metrics: { tokens: 100 } })
  expect(store.ledger.trained()).toMatchObject([{ tokens: 100 }])
  expect(events.find(({ kind }) => kind === 'trained')).toMatchObject({ iteration: 0, steps: 2, seconds: 3, loss: 0.5 })
  expect(context.store.iterations.get(0)?.attempt).toBe(0)
})

test('weights that somebody else serves go by their name', async () => {
  const { train, events } = stage(['succeeded'], { metrics: { servedName: 'ft:mine' } })
  expect(await train()).toMatchObject({ kind: 'name', path: 'ft:mine', served: 'ft:mine', hash: 'name:ft:mine' })
  expect(events.find(({ kind }) => kind === 'trained')).toMatchObject({ checkpoint: 'ft:mine' })
})

test('weights that were there before are refused, with what to do', async () => {
  const same = stage(['succeeded'], { metrics: { base: { sha256: 'x' }, checkpoint: { sha256: 'x' } } })
  await expect(same.train()).rejects.toThrow(/returned weights that were there before \(x…, of \/base\)/)
  const known = stage(['succeeded'], { metrics: { checkpoint: { sha256: 'base' } } })
  await expect(known.train()).rejects.toThrow(/weights that were there before \(base…, of \/base\)/)
  const rounded = stage(['succeeded'], {
    metrics: {
      checkpoint: { sha256: 'base' },
      master: { sha256: 'm', bytes: 4 },
      update: { meanAbs: 0.00025, kept: 1, served: 0 },
    },
  })
  await expect(rounded.train()).rejects.toThrow(/moved a weight by 2\.5e-4 on average, less than half a step/)
  expect(rounded.store.iterations.checkpoints()).toHaveLength(1)
})

test('a job that is lost to its machine is submitted again, three times at most', async () => {
  const twice = stage(['lost', 'lost', 'succeeded'])
  await twice.train()
  expect(twice.trainer.submitted).toHaveLength(3)
  const always = stage(['lost', 'lost', 'lost', 'succeeded'], { says: 'one\ntwo\nthree\nfour\n' })
  await expect(always.train()).rejects.toThrow(
    /Training of iteration 0 did not succeed: it is lost\. Its log is .*, ending:\ntwo\nthree\nfour$/,
  )
  expect(always.trainer.submitted).toHaveLength(3)
})

test('a job that was stopped with its work saved continues, as often as it takes', async () => {
  const { train, trainer } = stage([...Array<Course>(20).fill('preempted'), 'succeeded'])
  await train()
  expect(trainer.submitted).toHaveLength(21)
})

test('but not without end', async () => {
  const { row, trainer, context, job, train } = stage(Array<Course>(200).fill('preempted'))
  await expect(train()).rejects.toThrow(/did not succeed: it is preempted/)
  expect(trainer.submitted).toHaveLength(100)
  expect(job()?.handle).toBeUndefined()
  expect([row().state, context.store.iterations.checkpoints().length]).toEqual(['training', 1])
})

test.each<Course>(['failed', 'cancelled'])(
  'a job that %s is not submitted again, but by the next start',
  async (state) => {
    const { train, trainer, job } = stage([state, 'succeeded'], { says: 'ValueError: no\n' })
    await expect(train()).rejects.toThrow(TrainerError)
    expect(trainer.submitted).toHaveLength(1)
    expect(job()?.handle).toBeUndefined()
    await train()
    expect(trainer.submitted).toHaveLength(2)
  },
)

test('only what the failed job said itself is quoted, and a full disk is called one', async () => {
  const words = stage(['failed', 'failed'], { says: 'mine\n' })
  for (let i = 0; i < 2; i++) await expect(words.train()).rejects.toThrow(/train\.log, ending:\nmine$/)
  const silent = stage(['failed'])
  await expect(silent.train()).rejects.toThrow(/did not succeed: it is failed\. Its log is [^,]*$/)
  const full = stage(['failed'], { says: 'OSError: [Errno 28] No space left on device\n' })
  await expect(full.train()).rejects.toThrow(/found its disk full; free some space/)
})

test('a job that succeeded and left no checkpoint is none', async () => {
  const { trainer, train } = stage(['succeeded', 'succeeded', 'succeeded', 'failed'], { metrics: null })
  await expect(train()).rejects.toThrow(/did not succeed/)
  expect(trainer.submitted).toHaveLength(4)
})

test('what an earlier process submitted is followed, found by its handle or by its key', async () => {
  const first = stage(['failed'])
  await expect(first.train()).rejects.toThrow()
  const { row, context, trainer, store } = first
  const job = store.iterations.job(0, 0)?.job as TrainJob
  store.iterations.setHandle(0, 0, { engine: 'scripted', id: '7' })
  const follows = scriptTrainer([...Array<Course>(6).fill('failed'), 'succeeded'])
  await runJob(context, follows, row(), job)
  expect(follows.submitted).toEqual([])
  expect(trainer.submitted).toHaveLength(1)
  // Done already: nobody is asked.
  expect(await runJob(context, scriptTrainer([]), row(), job)).toMatchObject({ steps: 2 })

  const found = stage([], {
    find: async () => ({ engine: 'scripted', id: '1' }),
    status: async (_, it) => {
      writeMetrics(it)
      return { state: 'succeeded', exitCode: 0, reason: '' }
    },
  })
  await found.train()
  expect(found.trainer.submitted).toEqual([])
})

test('what a try left in its place is put aside, told of, and gone once the job is done', async () => {
  const { train, context, notes } = stage(['lost', 'succeeded'], {
    submit: async (job) => {
      if (!existsSync(job.output)) {
        mkdirSync(job.output, { recursive: true })
        writeFileSync(join(job.output, 'half'), '')
      }
      return { engine: 'scripted', id: existsSync(`${job.output}.left`) ? '2' : '1' }
    },
  })
  await train()
  expect(notes()).toEqual(['An earlier try left checkpoints/00 without metrics.json; it is checkpoints/00.left now.'])
  expect(existsSync(join(context.directory, 'checkpoints', '00.left'))).toBe(false)
})

test('only what is no checkpoint is put aside, and the newest leftovers are kept', () => {
  const { context } = scriptRun()
  const output = join(context.directory, 'checkpoints', '00')
  const job = { output, datasetSha256: 'd', key: '0-0', rows: 1, seed: 1 } as TrainJob
  expect(moveAside(job)).toBeUndefined()
  for (const name of ['one', 'two']) {
    mkdirSync(output, { recursive: true })
    writeFileSync(join(output, name), '')
    expect(moveAside(job)).toBe(`${output}.left`)
    expect(existsSync(output)).toBe(false)
    expect(existsSync(join(`${output}.left`, name))).toBe(true)
  }
  expect(existsSync(join(`${output}.left`, 'one'))).toBe(false)
  writeMetrics(job)
  expect(moveAside(job)).toBeUndefined()
  expect(existsSync(output)).toBe(true)
  removeLeftovers(job)
  expect(existsSync(`${output}.left`)).toBe(false)
})

test('an engine that is away while the job is submitted is asked again, for as long as its patience', async () => {
  let times = 0
  const away = async () => {
    if (times++ < 3) throw new TrainerAway('no answer.')
    return undefined
  }
  const back = stage(['succeeded'], { find: away })
  // No time passes meanwhile, however long the process has been there.
  vi.spyOn(performance, 'now').mockReturnValue(1_000_000)
  onTestFinished(() => void vi.restoreAllMocks())
  await back.train()
  vi.restoreAllMocks()
  expect(back.trainer.submitted).toHaveLength(1)
  expect(back.notes()).toEqual(['no answer. It is asked again; a job that it has continues.'])
  const gone = stage([], { patienceMs: 20, find: () => Promise.reject(new TrainerAway('no answer.')) })
  await expect(gone.train()).rejects.toThrow(
    /^no answer\. It was asked for 0 s \(train\.unreachableSeconds\); run again/,
  )
  const broken = stage([], { find: () => Promise.reject(new TrainerError('refused')) })
  await expect(broken.train()).rejects.toThrow('refused')
})

test.each([
  ['off', false],
  ['auto', false],
  ['on', true],
])('with tokenIds: %s a program that nobody knows gets the server’s ids: %j', async (choice, hasIds) => {
  const yaml = `train: { kind: command, command: [train, "{base}", "{dataset}", "{output}"], tokenIds: ${choice} }`
  const trainer = scriptTrainer(['succeeded'])
  const told = { promptTokenIds: [1, 2], completionTokenIds: [3, 4] }
  const says: Script['says'] = (_, { answer }) => ({ text: answer, ...told })
  const { context, base, begin } = scriptRun({ yaml, trainer, says })
  const row = begin(2)
  await sampleIteration(context, row, { checkpoint: base.id, model: 'base' }, 1)
  await trainIteration(context, trainer, row, base)
  expect(readFileSync(trainer.submitted[0]?.dataset ?? '', 'utf8').includes('_ids')).toBe(hasIds)
})

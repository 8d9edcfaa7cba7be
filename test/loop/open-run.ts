/** A run that is open in this process, as `run` opens one, for tests and benches that drive one phase of it. */

import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { parseRunConfig } from '../../src/config/parse.ts'
import type { Target } from '../../src/core/budget/policy.ts'
import type { Emit } from '../../src/core/events.ts'
import { steadyNow } from '../../src/loop/activity.ts'
import type { RunContext } from '../../src/loop/context.ts'
import { readRunFiles, startRun } from '../../src/loop/start.ts'
import { baseCheckpoint, createTools } from '../../src/loop/tools.ts'
import { createSpending } from '../../src/run/spending.ts'
import type { CheckpointRow, IterationRow } from '../../src/store/iterations.ts'
import { openStore } from '../../src/store/store.ts'

export interface OpenRun {
  readonly context: RunContext
  readonly base: CheckpointRow
  /** Plans iteration 0 with this target and begins its sampling. */
  begin(target: Target): IterationRow
  close(): Promise<void>
}

export interface OpenRunOptions {
  readonly emit?: Emit
  /** The run folder; default: a new one in `folder`. */
  readonly directory?: string
}

/** @param folder where run.yaml, whose text is given, would lie */
export async function openRun(folder: string, text: string, options: OpenRunOptions = {}): Promise<OpenRun> {
  const { directory = mkdtempSync(join(folder, 'run-')), emit = () => undefined } = options
  const config = parseRunConfig({ text, file: 'run.yaml' })
  const { signal } = new AbortController()
  const store = openStore(directory)
  const files = await readRunFiles(config, folder, signal)
  const started = startRun(store, directory, { config, configPath: join(folder, 'run.yaml') }, files)
  const base = store.iterations.addCheckpoint(await baseCheckpoint(config, folder))
  const tools = await createTools({ config, directory, configDirectory: folder, journal: store.handOvers })
  const spending = createSpending(config, store, steadyNow(), steadyNow)
  const context: RunContext = {
    ...tools,
    ...started,
    cache: undefined,
    config,
    directory,
    configDirectory: folder,
    store,
    spending,
    allowAltered: false,
    emit,
    signal,
  }
  return {
    context,
    base,
    begin(target) {
      store.iterations.plan(0, target)
      store.iterations.startSampling(0, base.id)
      const row = store.iterations.get(0)
      if (row === undefined) throw new Error('iteration 0 is not there')
      return row
    },
    async close() {
      await tools.close()
      store.close()
    },
  }
}

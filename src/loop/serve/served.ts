/** Work on a checkpoint that is being served; a server of our own that dies under it is started again. */

import { ServerError } from '../../core/errors.ts'
import { listModels } from '../../sample/server/questions.ts'
import { readWeightVersion } from '../../sample/server/weights.ts'
import type { CheckpointRow } from '../../store/iterations.ts'
import type { RunContext } from '../context.ts'
import { endpointOf } from './endpoint.ts'
import { checkIdentity } from './identity.ts'

/** A checkpoint that is being served. */
export interface Served {
  readonly checkpoint: CheckpointRow
  readonly model: string
  /** Where it can be asked. */
  readonly baseURL: string
}

/** Deaths of the server in one piece of work before it is the server that has to be fixed. */
const MOST_DEATHS = 3

/** Makes the checkpoint the one that is served. */
export async function serve(context: RunContext, checkpoint: CheckpointRow): Promise<Served> {
  const serving = await context.server.serve(checkpoint, context.signal)
  await checkIdentity(context, checkpoint, serving)
  if (serving.proven && !checkpoint.proven) context.store.iterations.setProven(checkpoint.id)
  return { checkpoint, model: serving.model, baseURL: serving.baseURL }
}

/**
 * Does work that can be begun again: what it had stored is not asked for a second time.
 * @throws ServerError when the server cannot be started, is somebody else's, or dies again and again; whatever the work throws
 */
export async function whileServed(
  context: RunContext,
  checkpoint: CheckpointRow,
  work: (served: Served) => Promise<void>,
): Promise<void> {
  for (let deaths = 1; ; deaths++) {
    const served = await serve(context, checkpoint)
    try {
      await work(served)
      return
    } catch (error) {
      if (!(error instanceof ServerError) || deaths >= MOST_DEATHS || !(await isOursAndGone(context, served)))
        throw error
      context.emit({ kind: 'note', text: `The inference server has died and is started again. ${error.message}` })
      // One that only hangs has to go before another can take its place.
      await context.server.release()
    }
  }
}

async function isOursAndGone(context: RunContext, { checkpoint, model }: Served): Promise<boolean> {
  const { config, handOver, signal } = context
  const [written] = config.sample.endpoints
  if ((handOver.server !== 'started' && handOver.server !== 'running') || !written || signal.aborted) return false
  const endpoint = endpointOf(written)
  try {
    const models = await listModels(endpoint, signal)
    // An engine that somebody has restarted is there again, without what was loaded into it.
    if (handOver.weightsBy === 'version') return (await readWeightVersion(endpoint, signal)) !== checkpoint.hash
    return handOver.server === 'running' && !models.some(({ id }) => id === model)
  } catch (error) {
    return error instanceof ServerError
  }
}

/** The hand-over's contract: how a checkpoint gets into the inference server, and where to ask for it. */

import type { Checkpoint } from './checkpoint.ts'

/** Where a checkpoint is being served. */
export interface Serving {
  readonly baseURL: string
  /** Served name to send as `model`. */
  readonly model: string
  /** Whether a probe has shown that these are the checkpoint's weights. */
  readonly proven: boolean
}

export interface InferenceServer {
  /** Makes the checkpoint the one that is served and proves it by a probe. Calling it again for the same one is cheap. */
  serve(checkpoint: Checkpoint, signal: AbortSignal): Promise<Serving>
  /** Stops what spendwise itself started, to free the devices (before training, and at the end). */
  release(): Promise<void>
}

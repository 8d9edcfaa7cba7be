/** The hand-over's contract: how a checkpoint gets into the inference server, where to ask for it, and how far that has come. */

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
  /** Stops what spendwise itself started (at the end). */
  release(): Promise<void>
  /** Stops it and waits until its devices are free (before training). */
  freeDevices(signal: AbortSignal): Promise<void>
}

export const HAND_OVER_STEPS = [
  'intended',
  'stopped',
  'free',
  'started',
  'ready',
  'reloading',
  'loaded',
  'proven',
  'unloaded',
] as const
/**
 * What has been done, each stored before the next is begun: restart goes intended, stopped, free, started, ready, proven;
 * lora intended, loaded, proven, unloaded; reload reloading, loaded, proven, and where that fails the steps of restart.
 */
export type HandOverStep = (typeof HAND_OVER_STEPS)[number]

/** How far the hand-over of a checkpoint has come. */
export interface HandOver {
  /** Served name. */
  readonly name: string
  /** Which weights: content hash and place. */
  readonly weights: string
  readonly step: HandOverStep
  /** The server that was started for it. */
  readonly server?: { readonly pid: number; readonly startTime: string } | undefined
}

/** Where hand-overs are written down, so that a later process knows what an earlier one was about. */
export interface HandOverJournal {
  last(): HandOver | undefined
  record(handOver: HandOver): void
}

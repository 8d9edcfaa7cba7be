/** A checkpoint: a model that a trainer returned, or the base. Weights have an identity. */

export const CHECKPOINT_KINDS = ['full', 'lora', 'name'] as const
/** `name`: only a served name is known, the weights are somebody else's. */
export type CheckpointKind = (typeof CHECKPOINT_KINDS)[number]

export interface Checkpoint {
  /** -1 is the base. */
  readonly iteration: number
  /** Training attempt of that iteration, from 0: the gate may ask for another one. */
  readonly attempt: number
  readonly kind: CheckpointKind
  /** Directory relative to the run folder where it lies below it, else absolute; the served name for kind `name`. */
  readonly path: string
  /** Content hash, `sha256:…`; `name:…` where the weights are out of reach. */
  readonly hash: string
  /** Served name, where somebody else serves it under a name of their own. */
  readonly served?: string | undefined
}

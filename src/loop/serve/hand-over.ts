/** What a kind of hand-over is given, what it makes, and what the loop has to know of it. */

import type { RunConfig } from '../../config/schema.ts'
import type { Checkpoint } from '../../core/checkpoint.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import type { Finding } from '../../core/finding.ts'
import type { FleetJournal } from '../../core/fleet.ts'
import type { HandOverJournal, InferenceServer } from '../../core/server.ts'
import type { FleetServer } from '../../serve/fleet/fleet.ts'

export interface HandOverInput {
  readonly config: RunConfig
  /** Run folder, absolute. */
  readonly directory: string
  /** Where run.yaml lies. */
  readonly configDirectory: string
  /** Where hand-overs are written down. */
  readonly journal: HandOverJournal
  /** Where the members of a fleet are written down; left out, no later process finds them. */
  readonly fleetJournal?: FleetJournal
  /** Where the server's machine finds a checkpoint. */
  readonly locate: (checkpoint: Checkpoint) => string
  /** Called for each completion that a proof asks for. */
  readonly onRequest?: (() => void) | undefined
  /** Called with what people should know of the servers. */
  readonly onNote?: ((text: string) => void) | undefined
  /** Every checkpoint of the run so far. */
  readonly checkpoints?: (() => readonly Checkpoint[]) | undefined
  /** Only looked at: what somebody else's engines hold stays there. */
  readonly isTrial?: boolean | undefined
}

export interface ServingTools {
  /** Where completions are asked for first. */
  readonly endpoint: Endpoint
  readonly server: InferenceServer
  /** Servers come and go: who tells the pool of each, and is told of one that it has left out; the pool has no endpoints but these. */
  readonly fleet?: Pick<FleetServer, 'attach' | 'expelled'>
  /** Once the base is served: what doctor should say of it next to completions. @throws the signal's reason */
  readonly look?: (signal: AbortSignal) => Promise<Finding[]>
  /** Ends what runs in this process; left out where nothing does. */
  readonly stop?: () => Promise<void>
}

/** What the loop has to know of a kind of hand-over. */
export interface HandOverFacts {
  /** How a server tells which weights it holds: each checkpoint has a `name` of its own, or its `version` alone does. */
  readonly weightsBy: 'name' | 'version'
  /**
   * Who runs the server: somebody else, and its models are used as they stand (`elsewhere`); somebody else, and spendwise puts
   * checkpoints into it (`running`); spendwise, which starts it for a checkpoint (`started`); this very process (`in-process`).
   */
  readonly server: 'elsewhere' | 'running' | 'started' | 'in-process'
  /** Whether an adapter is served as it is trained; otherwise a checkpoint is a whole model. */
  readonly takesAdapters: boolean
}

/** One kind of hand-over. `Serve` is its section of run.yaml. */
export interface HandOverEngine<Serve = RunConfig['serve']> extends HandOverFacts {
  /** Facts that depend on the section. */
  factsOf?(serve: Serve): Partial<HandOverFacts>
  create(input: HandOverInput, serve: Serve): ServingTools | Promise<ServingTools>
}

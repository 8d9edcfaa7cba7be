/** The cost of a run and its hard caps: C = sum of c_g N_t + c_t n_t + F (the paper's cost, and F which it leaves out). */

export interface Costs {
  /** c_g: drawing one completion. */
  readonly sample: number
  /** c_t: training on one accepted trace. */
  readonly train: number
  /** F: the fixed cost of an iteration (restart, load, evaluation). */
  readonly iteration: number
}

/** c_g N + c_t n + F for one iteration, in the unit of the costs. */
export function iterationCost(costs: Costs, sampled: number, accepted: number): number {
  return costs.sample * sampled + costs.train * accepted + costs.iteration
}

/** Hard caps; null is no cap. */
export interface Caps {
  /** Completions drawn for training. */
  readonly samples: number | null
  /** Prompt and completion tokens of all completions, evaluation included. */
  readonly tokens: number | null
  /** Seconds of the run's own activity, over all its processes. */
  readonly seconds: number | null
  /** In the unit of the costs. */
  readonly cost: number | null
}

export type Spent = { readonly [K in keyof Caps]: number }

/** The first cap that has been reached, with its numbers; undefined while there is room under all of them. */
export function reachedCap(caps: Caps, spent: Spent): { cap: keyof Caps; limit: number; spent: number } | undefined {
  for (const cap of ['samples', 'tokens', 'seconds', 'cost'] as const) {
    const limit = caps[cap]
    if (limit !== null && spent[cap] >= limit) {
      return { cap, limit, spent: spent[cap] }
    }
  }
  return undefined
}

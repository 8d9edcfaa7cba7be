/** A what-if as plain values: what the terminal and the page show. */

import type { Band } from '../../core/budget/forecast.ts'

export interface WhatIfView {
  readonly name: string
  readonly measured: {
    readonly by: 'pilot' | 'iteration'
    readonly iteration: number
    readonly samples: number
    readonly problems: number
    readonly acceptanceRate: number
  }
  /** Iterations that are over. */
  readonly over: number
  readonly spent: number | null
  readonly curve: {
    readonly from: 'nothing' | 'assumption' | 'run'
    readonly of: 'gate' | 'acceptance'
    readonly contraction: { readonly contraction: number; readonly spread: number }
    readonly best: { readonly low: number; readonly high: number } | null
    readonly noise: { readonly low: number; readonly high: number } | null
  }
  readonly costs: { readonly sample: number; readonly train: number; readonly iteration: number } | null
  /** Worlds that were drawn. */
  readonly draws: number
  readonly policies: readonly WhatIfPolicyView[]
}

export interface WhatIfPolicyView {
  readonly policy: string
  readonly own: boolean
  readonly solved: boolean
  readonly iterations: readonly WhatIfIterationView[]
  readonly totals: {
    readonly accepted: Band
    readonly samples: Band
    readonly cost: Band | null
    readonly accuracy: Band | null
    readonly exhausted: number
  }
  readonly difference: { readonly accuracy: Band; readonly better: number } | null
  readonly regret: { readonly budgets: readonly number[]; readonly at: readonly number[]; readonly worst: Band } | null
}

export interface WhatIfIterationView {
  readonly iteration: number
  readonly accepted: Band
  readonly samples: Band
  readonly cost: Band | null
  readonly spent: Band | null
  readonly accuracy: Band | null
  readonly reached: number
}

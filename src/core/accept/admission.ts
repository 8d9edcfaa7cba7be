/** Admission: how many requests may be out at once, so that the drain after n_t wastes little (it never decides who is accepted). */

export interface AdmissionState {
  /** Eligible completions so far. */
  readonly eligible: number
  /** Completions that have ended so far. */
  readonly ended: number
  readonly inFlight: number
  /** n_t. */
  readonly target: number
  /** Acceptance rate expected before anything has ended, in (0, 1]; weighs as `PRIOR_WEIGHT` completions. */
  readonly priorRate: number
}

const PRIOR_WEIGHT = 8

/** Whether one more request may go out: eligible + inFlight x r < n_t, with r the running acceptance rate. */
export function mayAdmit(state: AdmissionState): boolean {
  return state.eligible + state.inFlight * estimatedRate(state) < state.target
}

/** The running acceptance rate, drawn towards the prior while little has ended. */
export function estimatedRate(state: Pick<AdmissionState, 'eligible' | 'ended' | 'priorRate'>): number {
  return (state.eligible + state.priorRate * PRIOR_WEIGHT) / (state.ended + PRIOR_WEIGHT)
}

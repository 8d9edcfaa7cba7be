/** Choices of an export that run.yaml, the command line and the exporter share. */

export const DUPLICATES = ['none', 'exact', 'equations', 'near'] as const
/** What counts as a repetition of an earlier trace: nothing, equal text, equal equations in equal order, or most of its words in runs. */
export type Duplicates = (typeof DUPLICATES)[number]

export const SCOPES = ['problem', 'dataset'] as const
/** Whether a trace repeats another of its problem only, or any other. */
export type Scope = (typeof SCOPES)[number]

export const BALANCES = ['none', 'problem', 'level', 'source', 'iteration'] as const
/** What the traces that are drawn have in equal numbers. */
export type Balance = (typeof BALANCES)[number]

export const ORIGINS = ['all', 'sampled', 'hinted', 'external'] as const
/**
 * How the traces were drawn: all that the run drew, without a hint, or with the answer as a hint (rationalization); `external` ones
 * were generated elsewhere and imported.
 */
export type Origin = (typeof ORIGINS)[number]

/** Share of common runs of three words from which on a trace is a near duplicate. */
export const DEFAULT_SIMILARITY = 0.8
/** Words in a row that make an overlap with a test question, as in GPT-3's decontamination (Brown et al. 2020, appendix C). */
export const DEFAULT_NGRAM = 13

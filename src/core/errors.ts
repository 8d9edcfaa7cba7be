/**
 * Errors: throw for a broken run, return for a bad completion.
 *
 * One type a boundary. The message is one sentence: what happened, where, and what to do; `cause` keeps the original.
 * A new boundary gets a new class here, with its exit code; nothing else decides exit codes.
 */

export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3, capped: 4, interrupted: 130 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Base of all errors that are meant for people. */
export class SpendwiseError extends Error {
  readonly exitCode: ExitCode
  constructor(message: string, exitCode: ExitCode, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.exitCode = exitCode
  }
}

/** run.yaml, flags, or input files that cannot be used as they are. */
export class ConfigError extends SpendwiseError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, EXIT.usage, options)
  }
}

/** The inference server cannot be reached, refuses us, or serves something else than asked for. */
export class ServerError extends SpendwiseError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, EXIT.unreachable, options)
  }
}

/** The training job failed; `unreachable` where its engine cannot be reached or its program cannot be started. */
export class TrainerError extends SpendwiseError {
  constructor(message: string, options?: { cause?: unknown; unreachable?: boolean }) {
    super(message, options?.unreachable ? EXIT.unreachable : EXIT.failed, options)
  }
}

/** The training engine gave no answer: nobody knows whether it has the job, so it is asked again, and nothing counts as failed. */
export class TrainerAway extends TrainerError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, { ...options, unreachable: true })
  }
}

/** A job cannot be started or is refused; `unreachable` where its engine's programs are missing. Whose job it was makes it its own error. */
export class JobError extends SpendwiseError {
  constructor(message: string, options?: { cause?: unknown; unreachable?: boolean }) {
    super(message, options?.unreachable ? EXIT.unreachable : EXIT.failed, options)
  }
}

/** A job engine gave no answer: what was asked may have happened, and nothing counts as failed. */
export class EngineAway extends JobError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, { ...options, unreachable: true })
  }
}

/** The run folder or its database cannot be used: locked, newer, full, damaged. */
export class StoreError extends SpendwiseError {
  constructor(message: string, options?: { cause?: unknown; usage?: boolean }) {
    super(message, options?.usage ? EXIT.usage : EXIT.failed, options)
  }
}

/** The run cannot continue for a reason of its own: no accepted trace, a gate that said stop. */
export class RunError extends SpendwiseError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, EXIT.failed, options)
  }
}

/** A hard cap was reached; everything is stored, raising the cap continues. */
export class CapReached extends SpendwiseError {
  constructor(message: string) {
    super(message, EXIT.capped)
  }
}

/** Ctrl-C: everything is stored, `run` continues. */
export class Interrupted extends SpendwiseError {
  constructor(message = 'Interrupted; everything so far is stored, and the same command resumes the run.') {
    super(message, EXIT.interrupted)
  }
}

/** What an error says; what was thrown, as text, where it is not an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The code of a system's or a library's error, like ENOENT; undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

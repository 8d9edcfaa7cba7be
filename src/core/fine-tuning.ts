/** Fine-tuning jobs of an OpenAI-compatible API (`/v1/files`, `/v1/fine_tuning/jobs`), as the trainer needs them. */

export const FINE_TUNING_STATES = [
  'validating_files',
  'queued',
  'running',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
] as const
export type FineTuningState = (typeof FINE_TUNING_STATES)[number]

export interface FineTuningJob {
  readonly id: string
  readonly state: FineTuningState
  /** Name that the new model is served under; undefined before the job has succeeded. */
  readonly model: string | undefined
  readonly trainedTokens: number | undefined
  /** Unix seconds. */
  readonly createdAt: number
  readonly finishedAt: number | undefined
  /** Why it failed, in the API's words. */
  readonly error: string | undefined
  readonly metadata: Readonly<Record<string, string>>
}

/** What a job said of itself; `step` and `loss` where it spoke of its training. */
export interface FineTuningEvent {
  readonly id: string
  readonly message: string
  readonly step: number | undefined
  readonly steps: number | undefined
  readonly loss: number | undefined
}

export interface FineTuningRequest {
  /** Model to start from: the base, or one that an earlier job made. */
  readonly model: string
  readonly fileId: string
  readonly suffix: string
  readonly seed: number
  readonly epochs: number
  readonly batch: number
  readonly learningRateMultiplier: number | undefined
  /** Kept with the job: by it a job is found again. */
  readonly metadata: Readonly<Record<string, string>>
}

/** All throw TrainerAway where the API gives no answer, and TrainerError in one sentence where it refuses. */
export interface FineTuningApi {
  /** @param text JSON lines of chats. @returns the file's id */
  upload(name: string, text: string): Promise<string>
  create(request: FineTuningRequest): Promise<FineTuningJob>
  get(id: string): Promise<FineTuningJob>
  /** The newest jobs first. */
  recent(most: number): Promise<FineTuningJob[]>
  /** All events of a job, the oldest first. */
  events(id: string): Promise<FineTuningEvent[]>
  cancel(id: string): Promise<void>
}

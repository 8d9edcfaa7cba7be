/** The few routes of Ray's Jobs API that the engine uses, each with a deadline; an answer that does not come is told apart from one that says no. */

import { z } from 'zod'
import { EngineAway, JobError, messageOf } from '../core/errors.ts'

export interface RayAddress {
  /** Of the head's dashboard, for example `http://head:8265`. */
  readonly address: string
  /** Environment variable that holds the token of a cluster with RAY_AUTH_MODE=token. */
  readonly tokenEnv: string | undefined
  /** Deadline of a request. */
  readonly requestSeconds: number
}

const jobSchema = z.object({
  status: z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED']),
  message: z.string().nullish(),
  error_type: z.string().nullish(),
  driver_exit_code: z.number().nullish(),
})
/** A job as the head tells of it. */
export type RayJob = z.infer<typeof jobSchema>

const versionSchema = z.object({ version: z.string(), ray_version: z.string() })

/** What a submission says; the API refuses fields that it does not know. */
export interface RaySubmission {
  readonly entrypoint: string
  readonly submission_id: string
  readonly metadata: Readonly<Record<string, string>>
  readonly runtime_env: { readonly env_vars: Readonly<Record<string, string>> }
  readonly entrypoint_num_cpus?: number
  readonly entrypoint_num_gpus?: number
  readonly entrypoint_memory?: number
  readonly entrypoint_resources?: Readonly<Record<string, number>>
}

/** Each call throws EngineAway when there is no answer, and JobError when the head refuses what was asked. */
export interface RayApi {
  /** Of the API and of Ray. */
  version(): Promise<{ readonly api: string; readonly ray: string }>
  /** undefined for an id that the head does not know (any longer). */
  get(id: string): Promise<RayJob | undefined>
  /** @returns false where the id has been used before: the head takes none twice, for ever */
  submit(submission: RaySubmission): Promise<boolean>
  /** Asks a job to stop; one that is unknown or has ended is left as it is. A pending one may answer and start all the same. */
  stop(id: string): Promise<void>
}

interface Answer {
  readonly status: number
  readonly text: string
}

export function createRayApi({ address, tokenEnv, requestSeconds }: RayAddress): RayApi {
  const ask = async (method: string, path: string, body?: object): Promise<Answer> => {
    const headers = { 'Content-Type': 'application/json', ...authorization(tokenEnv) }
    const text = body && JSON.stringify(body)
    const answer = await request(new URL(path, address), { method, headers, text, deadlineMs: requestSeconds * 1000 })
    if (answer.status === 401 || answer.status === 403) throw refusedToken(address, tokenEnv, answer)
    return answer
  }
  const pathOf = (id: string): string => `/api/jobs/${encodeURIComponent(id)}`

  return {
    async version() {
      const answer = await ask('GET', '/api/version')
      if (answer.status !== 200) throw unexpected(address, answer)
      const { version, ray_version } = parse(versionSchema, answer, address)
      return { api: version, ray: ray_version }
    },
    async get(id) {
      const answer = await ask('GET', pathOf(id))
      if (answer.status === 404 && isOfTheApi(answer, id)) return undefined
      if (answer.status !== 200) throw unexpected(address, answer)
      return parse(jobSchema, answer, address)
    },
    async submit(submission) {
      const answer = await ask('POST', '/api/jobs/', submission)
      if (answer.status === 200) return true
      if (answer.status === 500 && answer.text.includes('already exists')) return false
      if (answer.status === 400) throw new JobError(`Ray refuses the job: ${lastLine(answer.text)}`)
      throw unexpected(address, answer)
    },
    async stop(id) {
      const answer = await ask('POST', `${pathOf(id)}/stop`)
      if (answer.status === 200 || (answer.status === 404 && isOfTheApi(answer, id))) return
      throw unexpected(address, answer)
    },
  }
}

interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string | undefined
  readonly deadlineMs: number
}

/** Not by `fetch`: its `Sec-Fetch-Mode` is a browser's to Ray, which lets none of them submit (405). */
async function request(url: URL, { method, headers, text, deadlineMs }: Asked): Promise<Answer> {
  // Imported at the start it would load the fetch of Node itself for every command, a tenth of what a short one costs.
  const { request: send } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  return new Promise((resolve, reject) => {
    const away = (cause: unknown): void => {
      const why = isTimeOut(cause) ? `within ${deadlineMs / 1000} s` : `(${messageOf(cause)})`
      reject(new EngineAway(`Ray gives no answer at ${url.origin} ${why}.`, { cause }))
    }
    const options = { method, headers, agent: false, signal: AbortSignal.timeout(deadlineMs) }
    const asked = send(url, options, (response) => {
      let said = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        said += part
      })
      response.once('error', away)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text: said }))
    })
    asked.once('error', away)
    asked.end(text)
  })
}

function isTimeOut(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** A proxy before the head answers 404 as well; the API's own names the job. */
function isOfTheApi({ text }: Answer, id: string): boolean {
  return text.includes(id)
}

function authorization(tokenEnv: string | undefined): Record<string, string> {
  const token = tokenEnv === undefined ? undefined : process.env[tokenEnv]
  if (tokenEnv !== undefined && !token) {
    throw new JobError(`tokenEnv names ${tokenEnv}, which is not set; export the token of the Ray cluster in it.`)
  }
  return token ? { Authorization: `Bearer ${token}` } : {}
}

function refusedToken(address: string, tokenEnv: string | undefined, { status }: Answer): JobError {
  const what = tokenEnv === undefined ? 'name the variable that holds its token in tokenEnv' : `check ${tokenEnv}`
  return new JobError(`Ray at ${address} lets nobody in without the right token (${status}); ${what}.`, {
    unreachable: true,
  })
}

/** What may be otherwise in a minute: heads that start, and proxies before heads that are gone. */
const PASSING: ReadonlySet<number> = new Set([404, 408, 425, 429])

function unexpected(address: string, { status, text }: Answer): JobError {
  const words = `(${status}: ${lastLine(text)})`
  if (status < 400 || status >= 500 || PASSING.has(status)) {
    return new EngineAway(`Ray gives no answer at ${address} ${words}.`)
  }
  return new JobError(
    `Ray at ${address} refuses what it is asked ${words}; check address, which is that of its dashboard.`,
  )
}

function parse<T>(schema: z.ZodType<T>, { text, status }: Answer, address: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new EngineAway(
      `Something at ${address} answers ${status} but not as Ray's Jobs API does: ${text.slice(0, 80)}`,
      { cause: error },
    )
  }
}

const MOST_CHARACTERS = 300

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim().length > 1)
  return (lines.at(-1) ?? 'no words').trim().slice(0, MOST_CHARACTERS)
}

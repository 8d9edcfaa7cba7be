/**
 * A server of Ray's Jobs API that behaves as Ray 2.60 was measured to: fields that it does not know are refused, an id is taken once, a
 * stop of a waiting job answers true and takes nothing back, a stopped job has no exit code, and a restarted head knows no job. Jobs are
 * real processes, started by a shell; they are ended with the server.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { partsOf } from '../../src/process/stop.ts'
import { processEntry, processTable } from '../../src/process/table.ts'

export interface RayJobsServerOptions {
  /** Asked for where it is given. */
  readonly token?: string
  /** Default 2. */
  readonly cpus?: number
}

interface Submission {
  readonly entrypoint: string
  readonly submission_id: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly runtime_env?: { readonly env_vars?: Readonly<Record<string, string>> }
  readonly entrypoint_num_cpus?: number
}

interface Job extends Submission {
  status: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED'
  message: string
  errorType: string | null
  exitCode: number | null
  isStopped: boolean
  child?: ChildProcess
}

export interface RayJobsServer {
  readonly address: string
  /** Those that it knows, by id. */
  readonly jobs: ReadonlyMap<string, Job>
  /** The next submission is taken and its answer lost. */
  loseAnswer(): void
  /**
   * The next submission gets no answer, and is worked off only when `arrive` is called: a head that was busy.
   * @param isAway nobody else is answered either from then on
   */
  keepNext(isAway?: boolean): void
  arrive(): void
  /** From now on it takes requests and answers none, or so. */
  setAway(how: 'silent' | 'proxy' | undefined): void
  /** Forgets all jobs; their processes continue, as they may for a moment on machines that outlive the head. */
  restart(): void
  close(): Promise<void>
}

const FIELDS = [
  'entrypoint',
  'submission_id',
  'runtime_env',
  'metadata',
  'entrypoint_num_cpus',
  'entrypoint_num_gpus',
  'entrypoint_memory',
  'entrypoint_resources',
]
/** Whoever sends one of these is a browser to Ray, and may only read. */
const BROWSERS = ['origin', 'referer', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-fetch-site', 'sec-fetch-user']
const DEFAULT_GRACE_S = 3
const START_MS = 30

export async function startRayJobsServer(options: RayJobsServerOptions = {}): Promise<RayJobsServer> {
  const jobs = new Map<string, Job>()
  const children = new Set<ChildProcess>()
  let isAnswerLost = false
  let isKept = false
  let isAwayThen = false
  let kept: Record<string, unknown> | undefined
  let away: 'silent' | 'proxy' | undefined

  const cpusInUse = (): number =>
    [...jobs.values()].reduce((sum, job) => sum + (job.status === 'RUNNING' ? (job.entrypoint_num_cpus ?? 0) : 0), 0)
  const startWaiting = (): void => {
    for (const job of jobs.values()) {
      if (job.status === 'PENDING' && cpusInUse() + (job.entrypoint_num_cpus ?? 0) <= (options.cpus ?? 2)) start(job)
    }
  }
  const start = (job: Job): void => {
    const child = spawn('sh', ['-c', job.entrypoint], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, ...job.runtime_env?.env_vars },
    })
    children.add(child)
    Object.assign(job, { status: 'RUNNING', message: 'Job is currently running.', child })
    child.once('exit', (code) => {
      children.delete(child)
      const ended = job.isStopped
        ? { status: 'STOPPED', message: 'Job was intentionally stopped.' }
        : code === 0
          ? { status: 'SUCCEEDED', message: 'Job finished successfully.', exitCode: 0 }
          : {
              status: 'FAILED',
              message: `Job entrypoint command failed with exit code ${code}, last available logs (truncated to 20,000 chars):\n`,
              errorType: 'JOB_ENTRYPOINT_COMMAND_ERROR',
              exitCode: code,
            }
      Object.assign(job, ended)
      startWaiting()
    })
    // A stop that came while it waited is heard of once it has started.
    if (job.isStopped) stop(job)
  }
  const stop = (job: Job): void => {
    job.isStopped = true
    const { child } = job
    if (!child?.pid) return
    signalTree(child.pid, 'SIGTERM')
    const grace = Number(job.runtime_env?.env_vars?.RAY_JOB_STOP_WAIT_TIME_S ?? DEFAULT_GRACE_S)
    setTimeout(() => children.has(child) && signalTree(child.pid, 'SIGKILL'), grace * 1000).unref()
  }

  const submit = (body: Record<string, unknown>): [number, unknown] => {
    const unknown = Object.keys(body).find((field) => !FIELDS.includes(field))
    if (unknown !== undefined) {
      return [400, traceback(`TypeError: JobSubmitRequest.__init__() got an unexpected keyword argument '${unknown}'`)]
    }
    if (typeof body.entrypoint !== 'string') {
      return [400, traceback(`TypeError: entrypoint must be a string, got ${typeof body.entrypoint}`)]
    }
    for (const field of ['entrypoint_num_cpus', 'entrypoint_num_gpus', 'entrypoint_memory']) {
      if (body[field] !== undefined && typeof body[field] !== 'number') {
        return [400, traceback(`TypeError: ${field} must be a number, got <class 'str'>`)]
      }
    }
    const submission = body as unknown as Submission
    const id = submission.submission_id
    if (jobs.has(id)) {
      const why = `ValueError: Job with submission_id ${id} already exists. Please use a different submission_id.\n.`
      return [500, traceback(why)]
    }
    const message = 'Job has not started yet. It may be waiting for resources to become available.'
    jobs.set(id, { ...submission, status: 'PENDING', message, errorType: null, exitCode: null, isStopped: false })
    setTimeout(startWaiting, START_MS)
    return [200, { job_id: id, submission_id: id }]
  }
  const answer = async (request: IncomingMessage): Promise<[number, unknown]> => {
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) {
      return request.headers.authorization
        ? [403, 'Forbidden: Invalid authentication token']
        : [401, 'Unauthorized: Missing authentication token']
    }
    if (request.method !== 'GET' && BROWSERS.some((header) => header in request.headers)) {
      return [405, 'Method Not Allowed for browser traffic.']
    }
    const [, api, what, id, verb] = (request.url ?? '/').split('/').map(decodeURIComponent)
    const route = `${request.method} ${api}/${what}`
    if (route === 'GET api/version') return [200, { version: '4', ray_version: '2.60.0', ray_commit: '0' }]
    if (what !== 'jobs') return [404, '404: Not Found']
    if (request.method === 'POST' && id === '') {
      const body = JSON.parse(await textOf(request))
      if (!isKept) return submit(body)
      isKept = false
      kept = body
      if (isAwayThen) away = 'proxy'
      request.socket.destroy()
      return [500, 'nobody hears it']
    }
    const job = jobs.get(id ?? '')
    if (!job) return [404, `Job ${id} does not exist`]
    if (request.method === 'GET' && verb === undefined) return [200, detailsOf(job)]
    if (request.method !== 'POST' || verb !== 'stop') return [405, '405: Method Not Allowed']
    const isUnderWay = job.status === 'PENDING' || job.status === 'RUNNING'
    if (isUnderWay) stop(job)
    return [200, { stopped: isUnderWay }]
  }

  const server = createServer((request, response) => {
    if (away === 'silent') return
    if (away === 'proxy') return send(response, 404, '<html>no healthy upstream</html>')
    answer(request).then(
      ([status, body]) => {
        if (!isAnswerLost || request.method !== 'POST') return send(response, status, body)
        isAnswerLost = false
        request.socket.destroy()
      },
      (error: unknown) => send(response, 500, String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    jobs,
    loseAnswer: () => {
      isAnswerLost = true
    },
    keepNext(isAway = false) {
      isKept = true
      isAwayThen = isAway
    },
    arrive() {
      if (kept === undefined) throw new Error('no submission is kept')
      away = undefined
      submit(kept)
    },
    setAway: (how) => {
      away = how
    },
    restart: () => jobs.clear(),
    async close() {
      for (const { pid } of children) signalTree(pid, 'SIGKILL')
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function detailsOf(job: Job): object {
  return {
    type: 'SUBMISSION',
    submission_id: job.submission_id,
    status: job.status,
    entrypoint: job.entrypoint,
    message: job.message,
    error_type: job.errorType,
    metadata: job.metadata ?? null,
    runtime_env: job.runtime_env ?? null,
    driver_exit_code: job.exitCode,
  }
}

/** To each process of a job, as Ray does. */
function signalTree(pid: number | undefined, signal: NodeJS.Signals): void {
  const entry = pid === undefined ? undefined : processEntry(pid)
  if (!entry) return
  for (const part of partsOf({ identity: entry }, processTable())) {
    try {
      process.kill(part.pid, signal)
    } catch {
      // It has ended in between.
    }
  }
}

function traceback(end: string): string {
  return `Traceback (most recent call last):\n  File "job_head.py", line 1, in submit_job\n${end}\n`
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'Content-Type': isText ? 'text/plain' : 'application/json' })
  response.end(isText ? body : JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** Training by Ray: what run.yaml says as the engine's options, and doctor's look at the cluster. */

import { fileURLToPath } from 'node:url'
import type { RunConfig } from '../../config/schema.ts'
import { EngineAway, EXIT, JobError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import { JOB_ENGINES } from '../../jobs/engines.ts'
import type { RayOptions } from '../../jobs/ray.ts'
import { createRayApi } from '../../jobs/ray-api.ts'
import { jobOf, type ProgramOptions } from '../../train/program-trainer.ts'
import { firstJob } from './example-job.ts'
import { probeJob } from './probe-job.ts'
import { missingFiles, notPassed, type ProgramInput, programOptions } from './program.ts'

type RaySection = Extract<RunConfig['train'], { readonly kind: 'ray' }>

const LAUNCHER = fileURLToPath(new URL('../../../recipes/ray-job.py', import.meta.url))
/** Of the Jobs API; Ray 2.x has had it since 2.2. */
const API_VERSION = '4'

function rayOptions(train: RaySection): RayOptions {
  const { address, tokenEnv, requestSeconds, pollSeconds, unreachableSeconds } = train
  return { address, tokenEnv, requestSeconds, pollSeconds, unreachableSeconds, launcher: LAUNCHER }
}

/** What a training job is and asks for. */
function rayProgram(input: ProgramInput, train: RaySection): ProgramOptions {
  const { gpus, cpus, memory, resources, settleSeconds } = train
  return {
    ...programOptions(input, train),
    resources: { gpus, cpus, memory, custom: resources },
    settleSeconds,
  }
}

export function rayJobs(input: ProgramInput, train: RaySection) {
  return { engine: JOB_ENGINES.ray(rayOptions(train)), program: rayProgram(input, train) }
}

/** Is there a head that lets us in, and what does a job see there? Submits a job that looks around. */
export async function checkRay(input: ProgramInput, train: RaySection): Promise<Finding[]> {
  const missing = missingFiles(input, train.command)
  if (missing.length > 0) return missing
  try {
    const version = describeVersion(train.address, await createRayApi(rayOptions(train)).version())
    const { engine, program } = rayJobs(input, train)
    const probe = await probeJob(engine, jobOf(firstJob(input), program))
    return [version, ...probe, ...notPassed(input)]
  } catch (error) {
    if (!(error instanceof JobError)) throw error
    const isAway = error instanceof EngineAway || error.exitCode === EXIT.unreachable
    return [{ level: isAway ? 'unreachable' : 'problem', subject: 'trainer', text: error.message }]
  }
}

function describeVersion(address: string, { api, ray }: { readonly api: string; readonly ray: string }): Finding {
  const subject = 'trainer'
  if (api === API_VERSION) return { level: 'ok', subject, text: `Ray ${ray} answers at ${address}.` }
  const text = `Ray ${ray} at ${address} has version ${api} of the Jobs API, and this program was tried with ${API_VERSION}.`
  return { level: 'note', subject, text }
}

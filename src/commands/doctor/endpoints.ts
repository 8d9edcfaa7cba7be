/** Doctor's look at every endpoint: is it there, does it serve the model, what can it do. */

import pLimit from 'p-limit'
import { type ListedModel, listedModels } from '../../client/models.ts'
import type { RunConfig } from '../../config/schema.ts'
import { ServerError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import { endpointOf } from '../../loop/serve/endpoint.ts'
import { handOverEngine } from '../../loop/serve/hand-overs.ts'
import { findWrongAddress } from '../../sample/server/address.ts'
import { describeCapabilities } from './capabilities.ts'
import { guarded } from './guard.ts'

type Written = RunConfig['sample']['endpoints'][number]

/** A dead endpoint takes its time to be found out; dozens of them in turn would take minutes. */
const AT_ONCE = 8

/** What was seen of each endpoint, in the order of run.yaml; one that cannot be reached hides nothing of the others. */
export async function describeEndpoints(config: RunConfig, interrupt: AbortSignal): Promise<Finding[]> {
  const limit = pLimit(AT_ONCE)
  const looks = config.sample.endpoints.map((written) => limit(() => describeEndpoint(config, written, interrupt)))
  return (await Promise.all(looks)).flat()
}

async function describeEndpoint(config: RunConfig, written: Written, interrupt: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = []
  if (written.apiKeyEnv !== undefined && !process.env[written.apiKeyEnv]) {
    findings.push({
      level: 'problem',
      subject: 'endpoint',
      text: `The environment variable ${written.apiKeyEnv} is empty; set it to the key of ${written.baseURL}.`,
    })
    // Without its key nothing else can be said of it.
    return findings
  }
  // Before the run starts it, no server is listening.
  if (handOverEngine(config).server === 'started') {
    findings.push({
      level: 'note',
      subject: 'endpoint',
      text: `${written.baseURL} will be served by serve.command; starting it now is part of this check.`,
    })
    return findings
  }
  await guarded(findings, 'endpoint', async () => {
    const models = await listedOrElsewhere(written, interrupt)
    const served = models.find((model) => model.id === written.model)
    findings.push(describeModels(written, models, served))
    if (served || models.length === 0) findings.push(...(await describeCapabilities(config, written, interrupt)))
  })
  return findings
}

/** @throws ServerError that names the right address where another one is at fault for it */
async function listedOrElsewhere(written: Written, interrupt: AbortSignal): Promise<ListedModel[]> {
  const endpoint = endpointOf(written)
  try {
    return await listedModels(endpoint, interrupt)
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    throw (await findWrongAddress(endpoint, written.model, interrupt)) ?? error
  }
}

function describeModels(written: Written, models: readonly ListedModel[], served: ListedModel | undefined): Finding {
  if (served) {
    const root = served.root ? ` from ${served.root}` : ''
    const context = served.maxModelLen ? `, ${served.maxModelLen} tokens of context` : ''
    return { level: 'ok', subject: 'endpoint', text: `${written.baseURL} serves ${served.id}${root}${context}.` }
  }
  if (models.length === 0) {
    // transformers serve loads a model by its path when it is asked for one, and lists none of them.
    const text = `${written.baseURL} lists no model; whether it serves ${written.model}, completions tell.`
    return { level: 'note', subject: 'endpoint', text }
  }
  const names = models.map((model) => model.id).join(', ')
  return {
    level: 'problem',
    subject: 'endpoint',
    text: `${written.baseURL} serves ${names}, not ${written.model}; correct model in sample.endpoints.`,
  }
}

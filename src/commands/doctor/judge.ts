/** Doctor's question to the judge: is it there, and does it answer in the form that a vote has. */

import type { RunConfig } from '../../config/schema.ts'
import type { Finding } from '../../core/finding.ts'
import { createJudge } from '../../loop/sample/judge.ts'

/** @throws ServerError where it cannot be asked, ConfigError for its prompt */
export async function describeJudge(
  { verify: { judge } }: RunConfig,
  configDirectory: string,
  interrupt: AbortSignal,
): Promise<Finding[]> {
  if (judge === undefined) return []
  const asked = createJudge({ judge, configDirectory })
  const vote = await asked.try(interrupt)
  const { model, baseURL } = judge.endpoint
  const cost = `${asked.tokens()} tokens a vote`
  if (vote === 'same') {
    return [{ level: 'ok', subject: 'judge', text: `${model} at ${baseURL} calls 1/2 and 0.5 the same; ${cost}.` }]
  }
  const why =
    vote === 'unclear'
      ? 'gives no vote (no JSON object of the schema, or cut off before it: raise verify.judge.maxTokens, or serve it with structured output)'
      : 'calls 1/2 and 0.5 different; take a better model'
  return [{ level: 'problem', subject: 'judge', text: `${model} at ${baseURL} ${why}; ${cost}.` }]
}

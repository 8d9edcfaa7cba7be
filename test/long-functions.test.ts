/** Functions of more than sixty lines are few, and each is named here with its reason. */

import { expect, test } from 'vitest'
import { readSources } from './source-text.ts'

const MOST_LINES = 60

const REASONS = {
  object: 'makes one object whose small methods share a state; parted, the state would have to be handed around',
  statements: 'prepares the statements of one table, each of a few lines',
  page: 'a component of the page: its markup',
  table: 'a table of keys, flags or routes, one after the other',
  steps: 'the steps of one piece of work in their order, each a call',
} as const

/** File and name, as the architecture test names things; a function that has become shorter leaves the list. */
const LONG: Readonly<Record<string, keyof typeof REASONS>> = {
  'src/commands/import/work.ts importAll': 'steps',
  'src/commands/verify/command.ts registerVerify': 'table',
  'src/commands/simulate/what-if.ts playAll': 'steps',
  'src/config/schema.ts createRunSchemas': 'table',
  'src/embedded/denoiser/network.ts createDenoiser': 'object',
  'src/embedded/model/generation.ts createGenerator': 'object',
  'src/embedded/model/replica.ts runReplica': 'steps',
  'src/export/summary.ts createTally': 'object',
  'src/jobs/slurm.ts createSlurmEngine': 'object',
  'src/loop/loop.ts runWithStore': 'steps',
  'src/loop/sample/draw.ts createPipeline': 'object',
  'src/loop/sample/draw.ts drawTogether': 'steps',
  'src/loop/sample/issue-order.ts createWaves': 'object',
  'src/loop/sample/judge.ts createJudge': 'object',
  'src/loop/sample/sampling.ts createCounters': 'object',
  'src/problems/files/parquet-pages.ts readStruct': 'steps',
  'src/problems/symbolic/compile.ts compileForm': 'table',
  'src/run/status.ts runNumbers': 'steps',
  'src/sample/endpoint-pool.ts createEndpointPool': 'object',
  'src/sample/member.ts createMember': 'object',
  'src/sample/pacer.ts createPacer': 'object',
  'src/sample/placement.ts createPlacement': 'object',
  'src/sample/roster.ts createRoster': 'object',
  'src/serve/fleet/crew.ts createCrew': 'object',
  'src/serve/fleet/fleet.ts createFleetServer': 'object',
  'src/serve/reload.ts createReloadServer': 'object',
  'src/serve/restart.ts createRestartServer': 'object',
  'src/sample/protocol/http.ts exchange': 'steps',
  'src/store/completions.ts completionQueries': 'statements',
  'src/store/exports.ts exportQueries': 'statements',
  'src/store/iterations.ts iterationQueries': 'statements',
  'src/store/ledger.ts ledgerQueries': 'statements',
  'src/store/runs.ts runQueries': 'statements',
  'src/verify/algebra/complex.ts createComplexField': 'object',
  'src/verify/algebra/evaluate.ts createEvaluator': 'object',
  'src/verify/pool.ts createVerifierPool': 'object',
  'src/view/api.ts createApi': 'table',
  'src/view/columns.ts createColumns': 'object',
  'src/view/page/audit.tsx Audit': 'page',
  'src/view/page/diff.tsx Diff': 'page',
  'src/view/page/labels.tsx LabelButtons': 'page',
  'src/view/page/overview.tsx Iterations': 'page',
  'src/view/page/problem.tsx Problem': 'page',
  'src/view/page/problems.tsx Problems': 'page',
  'src/view/page/shell.tsx Shell': 'page',
  'src/view/page/trace.tsx Trace': 'page',
  'src/view/page/traces.tsx Traces': 'page',
  'src/view/page/virtual-list.tsx VirtualList': 'page',
  'src/view/page/why.tsx Why': 'page',
  'src/view/run-columns.ts createRunColumns': 'object',
  'src/view/run-view.ts openRunView': 'object',
  'src/view/server.ts startView': 'steps',
}

test(`functions of more than ${MOST_LINES} lines are named with their reason`, () => {
  const found = [...readSources('src', '.ts'), ...readSources('src', '.tsx')]
    .filter(({ path }) => !path.startsWith('src/embedded/kernels/') && !path.endsWith('.d.ts'))
    .flatMap(({ path, bare }) => longFunctions(bare).map((name) => `${path} ${name}`))
  expect(found.sort()).toEqual(Object.keys(LONG).sort())
})

/** Functions that begin at the left edge, where the formatter also puts the brace that ends them. */
function longFunctions(text: string): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, from) => {
    const name = /^(?:export )?(?:default )?(?:async )?function\*? (\w+)|^(?:export )?const (\w+) = .*=> \{$/.exec(line)
    if (!name) return []
    const length = lines.slice(from).findIndex((end) => /^\}/.test(end) && end !== line) + 1
    return length > MOST_LINES ? [name[1] ?? name[2] ?? ''] : []
  })
}

/** A whole loop on one machine: the test recipe trains, and the test server is started again for every checkpoint. */

import {
  createWorkplace,
  freePort,
  makeProblems,
  serveSection,
  toRows,
  trainSection,
  type Workplace,
  writeBase,
} from './workplace.ts'

/** A workplace with so many problems in train.jsonl, and a base of this skill. */
export function createOwnLoop(problems: number, skill: number): Workplace {
  const place = createWorkplace()
  place.write('train.jsonl', toRows(makeProblems(problems)))
  writeBase(place, skill)
  return place
}

export interface OwnLoop {
  /** The section `budget`. */
  readonly budget: string
  /** Entries of `problems` next to the training problems, as `evaluate: [...]`. */
  readonly problems?: string
  /** Entries of `sample` next to the endpoint. */
  readonly sample?: string
  /** Further lines. */
  readonly more?: string
  /** The section `train`, in place of the test recipe without flags. */
  readonly train?: string
  /** Flags of the test server. */
  readonly server?: readonly string[]
}

/** A run.yaml of that loop, with a port of its own. */
export async function ownLoopYaml({ budget, problems, sample, more, train, server }: OwnLoop): Promise<string> {
  const endpoints = `[{ baseURL: "http://127.0.0.1:${await freePort()}/v1", model: base }]`
  const entries = (first: string, others: string | undefined): string =>
    `{ ${[first, others].filter((entry) => entry !== undefined).join(', ')} }`
  return `name: small
base: base
problems: ${entries('train: [{ dataset: jsonl, path: train.jsonl }]', problems)}
sample: ${entries(`endpoints: ${endpoints}`, sample)}
budget: ${budget}
train: ${train ?? trainSection()}
serve: ${serveSection('train.jsonl', server)}
${more ?? ''}
`
}

/** The same loop, in which one server continues running under one name. */
export function reloadYaml(text: string): string {
  return text
    .replace('serve: { kind: restart', 'serve: { kind: reload')
    .replace('"--port","{port}"', '"--host","127.0.0.1","--port","{port}"')
}

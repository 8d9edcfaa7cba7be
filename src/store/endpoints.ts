/** What each endpoint has shown of itself when it was probed, as a document that the sampler can read. */

import type { Db } from './open.ts'

export interface EndpointQueries {
  /** The newest record of an endpoint, whichever model it served then; undefined where it has not been probed. */
  read(baseURL: string): string | undefined
  /** Keeps a record; a newer one takes its place. @param requests that the probe sent */
  write(baseURL: string, model: string, record: string, requests: number, probedAt: number): void
  /** Counts a completion that was asked for next to the sampling and the probes: a canary, a single token. */
  countBeside(): void
  /** Requests that probes have sent in all, and those counted beside. */
  requests(): number
}

export function endpointQueries(db: Db): EndpointQueries {
  const read = db
    .prepare<[string], string>('select record from endpoint where base_url = ? order by probed_at desc limit 1')
    .pluck()
  const write = db.prepare(`
    insert into endpoint (base_url, model, record, requests, probed_at) values (?, ?, ?, ?, ?)
    on conflict (base_url, model) do update set record = excluded.record, requests = requests + excluded.requests,
      probed_at = excluded.probed_at`)
  const countBeside = db.prepare(
    'insert into beside (id, requests) values (1, 1) on conflict (id) do update set requests = requests + 1',
  )
  const requests = db
    .prepare<[], number>(
      'select (select coalesce(sum(requests), 0) from endpoint) + (select coalesce(sum(requests), 0) from beside)',
    )
    .pluck()
  return {
    read: (baseURL) => read.get(baseURL),
    write: (...row) => void write.run(...row),
    countBeside: () => void countBeside.run(),
    requests: () => requests.get() ?? 0,
  }
}

/** The sources of a run that lie on the Hugging Face Hub: fetched once, before any problem is loaded. */

import { type FetchOptions, fetchDataset } from '../hub/fetch-dataset.ts'
import { hubAccess } from '../hub/hub-access.ts'
import { hubPlace } from '../problems/datasets/published.ts'
import { LARGEST_MEGABYTES } from '../problems/files/text-file.ts'
import type { SplitSources } from '../problems/load.ts'
import type { SourceSpec } from '../problems/source.ts'

export interface FetchedSources {
  readonly sources: SplitSources
  /** Which commit each dataset is, one sentence each, for people. */
  readonly notes: readonly string[]
}

/** @throws ConfigError for a dataset, config or split that there is not, ServerError where the Hub cannot be reached */
export async function fetchSources(problems: SplitSources, options: FetchOptions = {}): Promise<FetchedSources> {
  const notes = new Set<string>()
  const fetchAll = async (specs: readonly SourceSpec[] = []): Promise<SourceSpec[]> => {
    const found: SourceSpec[] = []
    for (const spec of specs) {
      const place = hubPlace(spec)
      const { source, commit } = place === undefined ? { source: spec } : await fetchSource(place, options)
      found.push(source)
      if (commit !== undefined && commit !== spec.revision) notes.add(`hub:${place?.repo} is at commit ${commit}.`)
    }
    return found
  }
  const sources = {
    train: await fetchAll(problems.train),
    gate: await fetchAll(problems.gate),
    evaluate: await fetchAll(problems.evaluate),
  }
  return { sources, notes: [...notes] }
}

export interface FetchedSource {
  /** With its files, and the split that they are. */
  readonly source: SourceSpec
  readonly commit: string
}

/** One source that lies on the Hub. @throws ConfigError and ServerError as fetchSources does */
export async function fetchSource(spec: SourceSpec, options: FetchOptions = {}): Promise<FetchedSource> {
  const { repo = '', config, split, file, revision } = spec
  const limit = { mostBytes: LARGEST_MEGABYTES * 1e6 }
  const wanted = { repo, config, split, file, revision }
  const fetched = await fetchDataset(wanted, hubAccess(process.env), { ...limit, ...options })
  return { source: { ...spec, split: fetched.split, files: fetched.paths }, commit: fetched.commit }
}

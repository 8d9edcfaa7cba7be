/** Where the records of endpoints are kept, so that each is probed once and not at every start. */

import { type Capabilities, capabilitySchema } from './capabilities.ts'

export interface CapabilityRecords {
  read(baseURL: string): Capabilities | undefined
  write(baseURL: string, model: string, capabilities: Capabilities): void
}

/** Documents by endpoint, as a store keeps them. */
export interface RecordDocuments {
  read(baseURL: string): string | undefined
  write(baseURL: string, model: string, record: string, requests: number, probedAt: number): void
}

/** Records as JSON documents; one that an older version wrote otherwise is as none. */
export function recordsIn(documents: RecordDocuments): CapabilityRecords {
  return {
    read(baseURL) {
      const text = documents.read(baseURL)
      return text === undefined ? undefined : capabilitySchema.safeParse(JSON.parse(text)).data
    },
    write(baseURL, model, capabilities) {
      documents.write(baseURL, model, JSON.stringify(capabilities), capabilities.requests, Date.now())
    },
  }
}

/** Records that last as long as this process. */
export function recordsInMemory(): CapabilityRecords {
  const records = new Map<string, Capabilities>()
  return {
    read: (baseURL) => records.get(baseURL),
    write: (baseURL, _, capabilities) => void records.set(baseURL, capabilities),
  }
}

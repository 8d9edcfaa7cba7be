/** Indexes the texts of runs for the search, in a thread of its own, gently: a run that samples next to it comes first. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { addExternal, externalPosition, openTextIndex, type TextIndex, VIEW_FILE } from '../store/browse/text-index.ts'
import { isLocked } from '../store/lock.ts'
import { lockFile } from '../store/place/place.ts'
import { openStore, type Store } from '../store/store.ts'

const BATCH = 500
/** Time at rest for each unit of time at work. */
const REST = { quiet: 0.2, besideARun: 4 }
const IDLE_MS = 1_500
const LOOK_MS = 1_000
const MOST_FAILED = 50_000
const FAILED = 'failed'

const { directory } = workerData as { readonly directory: string }

const store = openStore(directory, { readonly: true })
const index = openTextIndex(join(directory, VIEW_FILE))
parentPort?.on('message', () => {
  index.close()
  store.close()
  process.exit(0)
})
for (let [rest, lookedAt] = [REST.besideARun, 0]; ; ) {
  const startedAt = performance.now()
  if (startedAt - lookedAt > LOOK_MS) {
    rest = isLocked(lockFile(directory)) ? REST.besideARun : REST.quiet
    lookedAt = startedAt
  }
  const isDone = step(store, index)
  await sleep(isDone ? IDLE_MS : (performance.now() - startedAt) * rest)
}

/** One batch. @returns whether nothing is left */
function step({ browse, externalBrowse }: Store, texts: TextIndex): boolean {
  const { lastId, latency } = texts.position()
  // Rows that were taken back, or drawn again under their old ids.
  if (lastId > 0 && browse.latencyOf(lastId) !== latency) {
    texts.clear()
    return false
  }
  const rows = browse.texts(lastId, BATCH)
  const last = rows.at(-1)
  const failed = new Set(readFailed(texts))
  if (last) {
    const ended = rows.filter(({ finishReason }) => finishReason !== 'failed')
    texts.add(ended, { id: last.id, latency: browse.latencyOf(last.id) ?? 0 })
    for (const { id, finishReason } of rows) if (finishReason === 'failed' && failed.size < MOST_FAILED) failed.add(id)
    writeFailed(texts, failed)
    return rows.length < BATCH
  }
  const external = externalBrowse.texts(externalPosition(texts), BATCH)
  if (external.length > 0) {
    addExternal(texts, external)
    return false
  }
  // A failed request that was tried again has a text by now.
  const again = browse.textsOf([...failed]).filter(({ finishReason }) => finishReason !== 'failed')
  if (again.length > 0) {
    texts.add(again, { id: lastId, latency })
    for (const { id } of again) failed.delete(id)
    writeFailed(texts, failed)
  }
  return true
}

function readFailed(texts: TextIndex): number[] {
  const bytes = texts.kept(FAILED)
  return bytes === undefined ? [] : (JSON.parse(bytes.toString('utf8')) as number[])
}

function writeFailed(texts: TextIndex, failed: ReadonlySet<number>): void {
  if (failed.size === 0 && texts.kept(FAILED) === undefined) return
  texts.keep(FAILED, Buffer.from(JSON.stringify([...failed])))
}

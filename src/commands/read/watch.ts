/** `status --watch`: the status again as it changes; on a terminal in one place, elsewhere one after the other. */

import { setTimeout as sleep } from 'node:timers/promises'
import { createLiveText } from '../../report/terminal/live-text.ts'
import { renderStatus } from '../../report/terminal/status.ts'
import { readStatus } from '../../run/status.ts'
import { columnsOf, wantsColor, writeResult } from '../options.ts'

const LOOK_MS = 1_000
/** A status of a large run takes a while to sum up: at most this share of the time is spent on it. */
const SHARE = 0.2

/** Returns when the run is no longer running, with its last status left in place. */
export async function watchStatus(directory: string, json: boolean): Promise<void> {
  const isTerminal = process.stdout.isTTY === true && !json
  const live = isTerminal ? createLiveText(process.stdout) : undefined
  let shown = ''
  try {
    for (;;) {
      const startedAt = performance.now()
      const status = readStatus(directory)
      const text = json
        ? JSON.stringify(status)
        : renderStatus(status, { color: wantsColor(process.stdout), width: columnsOf(process.stdout) })
      if (live) live.show(text)
      else if (text !== shown && !(await writeResult(`${text}\n${json ? '' : '\n'}`))) return
      shown = text
      if (status.state !== 'running') return
      await sleep(Math.max(LOOK_MS, (performance.now() - startedAt) / SHARE))
    }
  } finally {
    live?.close()
  }
}

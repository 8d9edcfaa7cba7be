/** A text that is redrawn in one place of a terminal. */

import { createLogUpdate } from 'log-update'

export interface LiveText {
  show(text: string): void
  /** The last text stays. */
  close(): void
}

export function createLiveText(stream: NodeJS.WriteStream): LiveText {
  const log = createLogUpdate(stream, { showCursor: true })
  return { show: (text) => log(text), close: () => log.done() }
}

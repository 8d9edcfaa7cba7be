/** Keys: a page says what they do while it is shown; nobody loses one while writing. */

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

export interface KeyHelp {
  readonly keys: string
  readonly does: string
}

export type Keys = Readonly<Record<string, () => void>>

const handlers: { keys: Keys }[] = []
/** What the keys of the page in sight do. */
export const help = signal<readonly KeyHelp[]>([])
export const isHelpOpen = signal(false)

/** Keys of a part of the page, for as long as it is there. */
export function useKeys(keys: Keys, described?: readonly KeyHelp[]): void {
  // Handlers see the newest values: they are put in place again at every drawing.
  useEffect(() => {
    const handler = { keys }
    handlers.push(handler)
    return () => void handlers.splice(handlers.indexOf(handler), 1)
  })
  useEffect(() => {
    if (!described) return
    help.value = described
    return () => {
      help.value = []
    }
  }, [])
}

export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const target = event.target
    const isWriting =
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type))
    if (event.key === 'Escape' && target instanceof HTMLElement && isWriting) {
      target.blur()
      event.preventDefault()
      return
    }
    if (isWriting) return
    // A button in focus is pressed by Enter; that is not a key of the page.
    if (event.key === 'Enter' && target instanceof Element && target.closest('a, button, summary')) return
    if (event.key === '?') {
      isHelpOpen.value = !isHelpOpen.value
      return
    }
    if (event.key === 'Escape' && isHelpOpen.value) {
      isHelpOpen.value = false
      return
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const action = handlers.toReversed().find(({ keys }) => key in keys)?.keys[key]
    if (!action) return
    event.preventDefault()
    action()
  })
}

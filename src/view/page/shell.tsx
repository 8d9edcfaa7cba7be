/** What is around every page: where one is, where one can go, whether it is live, and what the keys do. */

import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { place, runPath } from './address.ts'
import { isOffline } from './fetch.ts'
import { isConnected, useLive } from './live.ts'
import { help, isHelpOpen, type KeyHelp } from './use-keys.ts'

const TABS = [
  { page: '', name: 'Overview' },
  { page: 'traces', name: 'Traces' },
  { page: 'problems', name: 'Problems' },
  { page: 'diff', name: 'Diff' },
  { page: 'audit', name: 'Audit' },
] as const

/** Pages that belong to a tab without being it. */
const BELONGS: Readonly<Record<string, string>> = { t: 'traces', p: 'problems' }

export function Shell({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const { run, rest } = place.value
  useLive(run)
  const page = rest[0] ?? ''
  const current = BELONGS[page] ?? page
  useEffect(() => {
    document.title = run === undefined ? 'spendwise' : `${run}: ${current || 'overview'} · spendwise`
  }, [run, current])
  return (
    <>
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="/" title="All runs">
          <Logo />
          <span>spendwise</span>
        </a>
        {run !== undefined && (
          <>
            <a class="run-name" href={runPath(run)}>
              {run}
            </a>
            <nav aria-label="Pages of the run">
              {TABS.map((tab) => (
                <a
                  key={tab.page}
                  href={runPath(run, tab.page === '' ? '' : `/${tab.page}`)}
                  aria-current={tab.page === current ? 'page' : undefined}
                >
                  {tab.name}
                </a>
              ))}
            </nav>
            <span
              class={`live${isConnected.value ? ' on' : ''}`}
              title={isConnected.value ? 'Live: what the run writes appears here' : 'Not connected'}
            >
              {isConnected.value ? 'live' : 'offline'}
            </span>
          </>
        )}
        <button
          type="button"
          class="help-button"
          aria-haspopup="dialog"
          title="Keys (?)"
          onClick={() => {
            isHelpOpen.value = true
          }}
        >
          ?
        </button>
      </header>
      {isOffline.value && (
        <p class="trouble bar" role="alert">
          The viewer does not answer; is <code>spendwise view</code> still running?
        </p>
      )}
      <div id="page">{children}</div>
      <Help />
    </>
  )
}

function Logo(): JSX.Element {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect class="bar-1" x="1" y="12" width="4" height="7" rx="1" />
      <rect class="bar-2" x="8" y="8" width="4" height="11" rx="1" />
      <rect class="bar-3" x="15" y="1" width="4" height="18" rx="1" />
    </svg>
  )
}

const EVERYWHERE: readonly KeyHelp[] = [{ keys: '?', does: 'these keys' }]

function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const open = isHelpOpen.value
  const own = help.value.find(({ keys }) => keys === 'Esc')
  const back = [{ keys: 'Esc', does: `${own?.does ?? 'back'}, or out of a field` }]
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal()
    if (!open) dialog.current?.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      aria-labelledby="help-title"
      onClose={() => {
        isHelpOpen.value = false
      }}
    >
      <h2 id="help-title">Keys</h2>
      <dl class="keys">
        {[...help.value.filter(({ keys }) => keys !== 'Esc'), ...EVERYWHERE, ...back].map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}

/** The viewer's pages: which one an address shows. */

import type { JSX } from 'preact'
import { render } from 'preact'
import { followLinks, place } from './address.ts'
import { Audit } from './audit.tsx'
import { Diff } from './diff.tsx'
import { Overview } from './overview.tsx'
import { Problem } from './problem.tsx'
import { Problems } from './problems.tsx'
import { Runs } from './runs.tsx'
import { Shell } from './shell.tsx'
import { Trace } from './trace.tsx'
import { Traces } from './traces.tsx'
import { listenToKeys } from './use-keys.ts'

function Page(): JSX.Element {
  const { run, rest } = place.value
  const [page, ...behind] = rest
  if (run === undefined) {
    if (page === undefined) return <Runs />
    return page === 'diff' ? <Diff run={undefined} /> : <Nothing />
  }
  switch (page) {
    case undefined:
      return <Overview run={run} />
    case 'traces':
      return <Traces run={run} />
    case 't':
      return <Trace run={run} id={behind[0] ?? ''} />
    case 'problems':
      return <Problems run={run} />
    case 'p':
      return <Problem run={run} id={behind.join('/')} />
    case 'diff':
      return <Diff run={run} />
    case 'audit':
      return <Audit run={run} />
    default:
      return <Nothing />
  }
}

function Nothing(): JSX.Element {
  return (
    <main class="page">
      <h1>There is nothing at this address.</h1>
      <p>
        <a href="/">All runs</a>
      </p>
    </main>
  )
}

followLinks()
listenToKeys()
const root = document.querySelector('#root')
if (root) {
  render(
    <Shell>
      <Page />
    </Shell>,
    root,
  )
}

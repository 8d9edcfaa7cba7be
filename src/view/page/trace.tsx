/** One trace: what was asked, what was written, where the answer was found, why it was judged so, and where it came from. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { count } from '../../report/format.ts'
import { visible, visibleLine } from '../../report/visible.ts'
import type { TraceDetail } from '../wire.ts'
import { addressOf, askOf, go, listOf, parameters, problemPath, runPath, withParameters } from './address.ts'
import { useAnswer } from './fetch.ts'
import { LabelButtons } from './labels.tsx'
import { beat } from './live.ts'
import { Matrix } from './matrix.tsx'
import { Facts, iterationName, Shown, VerdictTag } from './parts.tsx'
import { RichText } from './rich-text.tsx'
import { useKeys } from './use-keys.ts'
import { Why } from './why.tsx'

export function Trace({ run, id }: { readonly run: string; readonly id: string }): JSX.Element {
  const query = listOf(parameters.value)
  const isRaw = parameters.value.get('raw') === '1'
  const again = useSignal(0)
  const asked = askOf(query)
  const address = `/api/runs/${encodeURIComponent(run)}/traces/${encodeURIComponent(id)}?in=list${asked === '' ? '' : `&${asked}`}`
  // A single trace rarely changes: it is read again where it was not verified yet, and after a label.
  const answer = useAnswer<TraceDetail>(address, again.value + (answerIsOpen.value ? beat.value : 0))
  // The one before stays in sight for a moment; keys are of the one that the address names.
  const trace = answer.value.value?.id === Number(id) ? answer.value.value : undefined
  answerIsOpen.value = trace !== undefined && (trace.verdict === null || trace.disposition === null)

  const list = addressOf(query)
  const suffix = [list, isRaw ? 'raw=1' : ''].filter(Boolean).join('&')
  const open = (other: number | null | undefined): void => {
    if (other !== null && other !== undefined) go(withParameters(runPath(run, `/t/${other}`), suffix))
  }
  const sibling = (by: number): void => {
    if (!trace) return
    const at = trace.samples.findIndex((cell) => cell.id === trace.id)
    open(trace.samples[at + by]?.id)
  }
  const toggleRaw = (): void =>
    go(withParameters(runPath(run, `/t/${id}`), [list, isRaw ? '' : 'raw=1'].filter(Boolean).join('&')), {
      replace: true,
    })
  useKeys(
    {
      j: () => open(trace?.neighbours.next),
      k: () => open(trace?.neighbours.previous),
      ArrowRight: () => open(trace?.neighbours.next),
      ArrowLeft: () => open(trace?.neighbours.previous),
      ']': () => sibling(1),
      '[': () => sibling(-1),
      r: toggleRaw,
      p: () => trace && go(problemPath(run, trace.problem)),
      Escape: () => go(withParameters(runPath(run, '/traces'), list)),
    },
    [
      { keys: 'j k', does: 'next, previous trace of the list' },
      { keys: '] [', does: 'next, previous sample of the problem' },
      { keys: 'r', does: 'formulas or the text as it was written' },
      { keys: 'p', does: 'the problem' },
      { keys: '1 2 3', does: 'label it right, wrong, unclear' },
      { keys: 'Esc', does: 'back to the list' },
    ],
  )
  return (
    <main class="page trace-page">
      <Shown of={answer.value}>
        {(shown) => (
          <>
            <Head run={run} trace={shown} list={list} isRaw={isRaw} onRaw={toggleRaw} onOpen={open} />
            <div class="columns">
              <div class="texts">
                <Texts trace={shown} isRaw={isRaw} />
              </div>
              <div class="aside">
                <Why trace={shown} />
                {shown.purpose !== 'external' && (
                  <LabelButtons run={run} trace={shown} onChange={() => again.value++} />
                )}
                <Provenance trace={shown} />
                <h2>
                  Samples of <a href={problemPath(run, shown.problem)}>this problem</a>
                </h2>
                <Matrix run={run} samples={shown.samples} current={shown.id} />
              </div>
            </div>
          </>
        )}
      </Shown>
    </main>
  )
}

/** Whether the trace in sight is still to be settled. */
const answerIsOpen = { value: false }

interface HeadProps {
  readonly run: string
  readonly trace: TraceDetail
  readonly list: string
  readonly isRaw: boolean
  readonly onRaw: () => void
  readonly onOpen: (id: number | null) => void
}

function Head({ run, trace, list, isRaw, onRaw, onOpen }: HeadProps): JSX.Element {
  const { neighbours } = trace
  return (
    <div class="trace-head">
      <p class="crumbs">
        <a href={withParameters(runPath(run, '/traces'), list)}>{list === '' ? 'All traces' : 'Filtered traces'}</a>
        <span aria-hidden="true"> / </span>
        <a href={problemPath(run, trace.problem)}>
          <bdi>{visibleLine(trace.problem)}</bdi>
        </a>
      </p>
      <h1>
        <VerdictTag verdict={trace.verdict} finishReason={trace.finishReason} large />
        <span class="unseen">, </span>
        <span class="what">
          {trace.purpose === 'external' ? (
            'generated elsewhere, imported'
          ) : (
            <>
              {trace.purpose} {iterationName(trace.iteration)} · sample {trace.index}
            </>
          )}
        </span>
        {trace.disposition !== null && <span class={`state ${trace.disposition}`}>{trace.disposition}</span>}
      </h1>
      <div class="buttons">
        <button type="button" onClick={onRaw} aria-pressed={isRaw} title="r">
          {isRaw ? 'As written' : 'Formulas'}
        </button>
        <button
          type="button"
          disabled={neighbours.previous === null}
          title="k"
          onClick={() => onOpen(neighbours.previous)}
        >
          ‹ previous
        </button>
        <button type="button" disabled={neighbours.next === null} title="j" onClick={() => onOpen(neighbours.next)}>
          next ›
        </button>
      </div>
    </div>
  )
}

function Texts({ trace, isRaw }: { readonly trace: TraceDetail; readonly isRaw: boolean }): JSX.Element {
  const isShortened = trace.text.length < trace.characters
  return (
    <>
      <h2>Question</h2>
      <div class="text question-text">
        <RichText text={trace.question} raw={isRaw} />
      </div>
      <h2>
        Completion
        {isShortened && <small> {count(trace.characters)} characters, its beginning and its end are shown</small>}
      </h2>
      <div class={`text completion${isRaw ? ' raw' : ''}`}>
        {trace.text === '' ? (
          <i class="quiet">empty</i>
        ) : (
          <RichText text={trace.text} raw={isRaw} mark={trace.why?.answer.place ?? null} />
        )}
      </div>
      <p class="quiet small">
        {trace.why?.answer.place ? (
          <>
            The checker took its answer where it is <mark>marked</mark>.{' '}
          </>
        ) : (
          ''
        )}
        It ended by {FINISH[trace.finishReason]}.
      </p>
      <h2>Gold answer</h2>
      <div class="text gold-text">
        <RichText text={trace.gold} raw={isRaw} mark={trace.why?.gold.place ?? null} />
      </div>
      {trace.prompt && (
        <details class="prompt">
          <summary>
            Prompt as sent{' '}
            <span class="quiet">
              {trace.prompt.name}, {trace.prompt.api}, {count(trace.promptTokens)} tokens
            </span>
          </summary>
          {trace.prompt.messages.map((message, at) => (
            <div class="message" key={at}>
              <h3>{message.role}</h3>
              <pre>{visible(message.content)}</pre>
            </div>
          ))}
        </details>
      )}
    </>
  )
}

const FINISH: Readonly<Record<TraceDetail['finishReason'], string>> = {
  stop: 'itself',
  length: 'the token limit',
  filtered: 'the filter of the server',
  failed: 'an error',
}

function Provenance({ trace }: { readonly trace: TraceDetail }): JSX.Element {
  const failed = trace.attempts.filter(({ outcome }) => outcome !== 'ok')
  const source = `${visibleLine(trace.source)}${trace.level === null ? '' : `, level ${visibleLine(trace.level)}`}, split ${trace.split}`
  if (trace.checkpoint === null)
    return (
      <section>
        <h2>Where it came from</h2>
        <Facts
          rows={[
            ['became', trace.dispositionReason],
            ['imported from', visibleLine(trace.model)],
            ['tokens', trace.completionTokens === 0 ? null : `${count(trace.completionTokens)} completion`],
            ['source', source],
          ]}
        />
      </section>
    )
  return (
    <section>
      <h2>Where it came from</h2>
      <Facts
        rows={[
          ['became', trace.dispositionReason],
          ['checkpoint', <Checkpoint key="c" of={trace.checkpoint} />],
          ['model', trace.model],
          ['temperature', trace.temperature === null ? null : String(trace.temperature)],
          ['seed', String(trace.seed)],
          ['tokens', `${count(trace.promptTokens)} prompt, ${count(trace.completionTokens)} completion`],
          ['latency', trace.cached ? 'from the cache' : `${count(trace.latencyMs)} ms`],
          ['issue', `number ${count(trace.issue)} of its iteration`],
          ['source', source],
          ['endpoint', trace.attempts.at(-1)?.endpoint ?? null],
          [
            'failed attempts',
            failed.length === 0
              ? null
              : failed
                  .map(({ outcome, status, message }) => `${outcome} ${status || ''} ${visibleLine(message)}`)
                  .join('; '),
          ],
        ]}
      />
    </section>
  )
}

function Checkpoint({ of }: { readonly of: NonNullable<TraceDetail['checkpoint']> }): JSX.Element {
  const { iteration, path, hash } = of
  return (
    <>
      {iteration < 0 ? 'base' : `made by iteration ${iteration}`}{' '}
      <code title={`${path}\n${hash}`}>{hash.replace(/^sha256:/, '').slice(0, 12)}</code>
    </>
  )
}

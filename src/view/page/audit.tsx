/** The audit: one text at a time, without its verdict, judged by a key and saved at once; the interval as it grows. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { LABELS, type Label } from '../../core/label.ts'
import { count, percent } from '../../report/format.ts'
import type { AuditItem, AuditNumbers, AuditState } from '../audit-wire.ts'
import { go, parameters, runPath, withParameters } from './address.ts'
import { send, useAnswer } from './fetch.ts'
import { Shown } from './parts.tsx'
import { RichText } from './rich-text.tsx'
import { useKeys } from './use-keys.ts'

export function Audit({ run }: { readonly run: string }): JSX.Element {
  const asked = parameters.value
  const [sample, seed] = [asked.get('sample') ?? '200', asked.get('seed') ?? '1']
  const again = useSignal(0)
  const base = `/api/runs/${encodeURIComponent(run)}`
  const answer = useAnswer<AuditState>(`${base}/audit?sample=${sample}&seed=${seed}`, again.value)
  // What was just judged, until the server has taken it in.
  const judged = useSignal<ReadonlyMap<number, Label>>(new Map())
  const error = useSignal<string | undefined>(undefined)
  const state = answer.value.value
  const items = state?.items ?? []
  const labelOf = (at: number): Label | null => {
    const item = items[at]
    return item === undefined ? null : (judged.value.get(item.id) ?? item.label)
  }
  const firstOpen = items.findIndex((_, at) => labelOf(at) === null)
  const at = asked.has('n')
    ? Math.max(0, Math.min(items.length - 1, Number(asked.get('n')) - 1))
    : Math.max(0, firstOpen)
  const current = items[at]
  const text = useAnswer<AuditItem>(current === undefined ? undefined : `${base}/audit/${current.id}`)
  const isDone = items.length > 0 && firstOpen < 0

  const move = (to: number): void => {
    const next = new URLSearchParams(parameters.peek())
    next.set('n', String(Math.max(0, Math.min(items.length - 1, to)) + 1))
    go(withParameters(runPath(run, '/audit'), next.toString()), { replace: true })
  }
  const judge = (label: Label): void => {
    if (current === undefined) return
    judged.value = new Map([...judged.value, [current.id, label]])
    send(`${base}/labels`, { trace: current.id, label, blind: true }).then(
      () => {
        error.value = undefined
        setTimeout(() => again.value++, 350)
      },
      (cause: Error) => {
        error.value = `Not saved: ${cause.message}`
        judged.value = new Map([...judged.value].filter(([id]) => id !== current.id))
      },
    )
    const next = items.findIndex((_, place) => place > at && labelOf(place) === null)
    move(next < 0 ? Math.min(items.length - 1, at + 1) : next)
  }
  useKeys(
    {
      1: () => judge('right'),
      2: () => judge('wrong'),
      3: () => judge('unclear'),
      j: () => move(at + 1),
      k: () => move(at - 1),
      Escape: () => go(runPath(run)),
    },
    [
      { keys: '1 2 3', does: 'right, wrong, unclear: saved at once' },
      { keys: 'j k', does: 'next, previous text' },
    ],
  )
  useEffect(() => {
    document.querySelector('.judged-text')?.scrollTo(0, 0)
  }, [current?.id])
  return (
    <main class="page audit">
      <h1>Audit</h1>
      <Shown of={answer.value}>
        {(shown) =>
          shown.items.length === 0 ? (
            <p class="quiet">Nothing has been verified yet; there is nothing to judge.</p>
          ) : (
            <>
              <p>
                Is the final answer right, by the question and the gold answer? No verdict is shown. Every press is
                saved in the run; close the page and continue whenever you like.
              </p>
              <Numbers
                result={shown.result}
                done={shown.items.filter((_, place) => labelOf(place) !== null).length}
                of={shown.items.length}
              />
              {isDone && <p class="note">All {count(shown.items.length)} are judged.</p>}
              {error.value !== undefined && (
                <p class="trouble" role="alert">
                  {error.value}
                </p>
              )}
              <div class="judge-bar">
                <button type="button" onClick={() => move(at - 1)} disabled={at === 0} title="k">
                  ‹
                </button>
                <output>
                  {count(at + 1)} of {count(shown.items.length)}
                </output>
                <button type="button" onClick={() => move(at + 1)} disabled={at >= shown.items.length - 1} title="j">
                  ›
                </button>
                <span class="label-buttons">
                  {LABELS.map((label, key) => (
                    <button
                      type="button"
                      key={label}
                      class={label}
                      aria-pressed={labelOf(at) === label}
                      onClick={() => judge(label)}
                    >
                      <kbd>{key + 1}</kbd> {label}
                    </button>
                  ))}
                </span>
              </div>
              <Shown of={text.value}>{(item) => <Judged item={item} />}</Shown>
            </>
          )
        }
      </Shown>
    </main>
  )
}

function Judged({ item }: { readonly item: AuditItem }): JSX.Element {
  return (
    <div class="judged">
      <h2>Question</h2>
      <div class="text question-text">
        <RichText text={item.question} />
      </div>
      <h2>Gold answer</h2>
      <div class="text gold-text">
        <RichText text={item.gold} />
      </div>
      <h2>
        Text
        {item.text.length < item.characters && <small> {count(item.characters)} characters, beginning and end</small>}
      </h2>
      <div class="text completion judged-text" role="region" aria-label="Text to judge" tabIndex={0}>
        <RichText text={item.text} />
      </div>
    </div>
  )
}

function Numbers({
  result,
  done,
  of,
}: {
  readonly result: AuditNumbers
  readonly done: number
  readonly of: number
}): JSX.Element {
  return (
    <dl class="tiles">
      <div>
        <dt>Judged</dt>
        <dd>
          {count(done)} <small>of {count(of)}</small>
        </dd>
      </div>
      <Interval
        name="Wrong answers in the accepted set"
        of={result.wrongAccepted}
        more={`${count(result.judgedAccepted)} of ${count(result.accepted)} judged`}
      />
      <Interval name="Right answers not called correct" of={result.rightRefused} more="" />
      <div>
        <dt>Unclear</dt>
        <dd>{count(result.unclear)}</dd>
      </div>
      {result.byRule.map(({ rule, accepted, judged, wrong }) => (
        <Interval
          key={rule}
          name={`Wrong, by rule ${rule}`}
          of={wrong}
          more={`${count(judged)} of ${count(accepted)} judged`}
        />
      ))}
    </dl>
  )
}

function Interval({
  name,
  of,
  more,
}: {
  readonly name: string
  readonly of: AuditNumbers['wrongAccepted']
  readonly more: string
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {of === null ? '–' : percent(of.mean)}
        <small>
          {[of === null ? '' : `${percent(of.low)} to ${percent(of.high)}`, more].filter(Boolean).join(', ') ||
            'none judged'}
        </small>
      </dd>
    </div>
  )
}

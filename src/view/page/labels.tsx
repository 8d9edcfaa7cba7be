/** What people say of a trace, with the verdict in sight: saved at once, taken back by a second press. */

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { LABELS, type Label } from '../../core/label.ts'
import { visible } from '../../report/visible.ts'
import type { LabelRequest, TraceDetail } from '../wire.ts'
import { send } from './fetch.ts'
import { useKeys } from './use-keys.ts'

interface LabelButtonsProps {
  readonly run: string
  readonly trace: TraceDetail
  readonly onChange: () => void
}

export function LabelButtons({ run, trace, onChange }: LabelButtonsProps): JSX.Element {
  const error = useSignal<string | undefined>(undefined)
  const own = trace.labels.find(({ blind }) => !blind)
  const blind = trace.labels.find((label) => label.blind)
  const write = (label: Label | null, note = own?.note): void => {
    const body: LabelRequest = { trace: trace.id, label, blind: false, ...(note ? { note } : {}) }
    send(`/api/runs/${encodeURIComponent(run)}/labels`, body).then(
      () => {
        error.value = undefined
        // The server takes in what was written within a moment.
        setTimeout(onChange, 350)
      },
      (cause: Error) => {
        error.value = cause.message
      },
    )
  }
  const press = (label: Label): void => write(own?.label === label ? null : label)
  useKeys({ 1: () => press('right'), 2: () => press('wrong'), 3: () => press('unclear') })
  return (
    <section class="labels" aria-labelledby="labels-title">
      <h2 id="labels-title">Your label</h2>
      <div class="label-buttons">
        {LABELS.map((label, at) => (
          <button
            type="button"
            key={label}
            class={label}
            aria-pressed={own?.label === label}
            title={`${at + 1}`}
            onClick={() => press(label)}
          >
            <kbd>{at + 1}</kbd> {label}
          </button>
        ))}
      </div>
      {own && (
        <label class="note-field">
          <span>note</span>
          <input
            type="text"
            maxLength={2000}
            defaultValue={own.note ?? ''}
            key={`${trace.id} ${own.note ?? ''}`}
            onChange={(event) => write(own.label, event.currentTarget.value)}
          />
        </label>
      )}
      {blind && (
        <p class="quiet small">
          Judged blind: <b>{blind.label}</b>
          {blind.note !== undefined && <>, {visible(blind.note)}</>}
        </p>
      )}
      {error.value !== undefined && (
        <p class="trouble" role="alert">
          {error.value}
        </p>
      )}
    </section>
  )
}

/** What the audit's page and its server say to each other, as JSON. Names are a contract: add fields, rename none. */

import type { Label } from '../core/label.ts'

/** `GET /api/runs/NAME/audit`. */
export interface AuditState {
  readonly seed: number
  readonly sample: number
  /** Ids in the order they are judged, and the label each has. */
  readonly items: readonly { readonly id: number; readonly label: Label | null }[]
  readonly result: AuditNumbers
}

export interface AuditNumbers {
  readonly labelled: number
  readonly unclear: number
  readonly accepted: number
  readonly judgedAccepted: number
  readonly wrongAccepted: { readonly mean: number; readonly low: number; readonly high: number } | null
  readonly rightRefused: { readonly mean: number; readonly low: number; readonly high: number } | null
  /** The accepted set by the rule that let the traces in, the largest part first. */
  readonly byRule: readonly {
    readonly rule: string
    readonly accepted: number
    readonly judged: number
    readonly wrong: { readonly mean: number; readonly low: number; readonly high: number } | null
  }[]
}

/** `GET /api/runs/NAME/audit/ID`: one text to judge, without any verdict. */
export interface AuditItem {
  readonly id: number
  readonly question: string
  readonly gold: string
  readonly text: string
  readonly characters: number
}

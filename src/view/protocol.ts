/** What is asked of a query worker, and what comes back. */

import type { MeasuredPurpose } from '../run/diff.ts'
import type { BROWSING } from './browsing.ts'
import type { Place, SUMMING } from './summing.ts'

export type BrowsingKind = keyof typeof BROWSING
export type SummingKind = keyof typeof SUMMING

export type Question =
  | { readonly to: 'browsing'; readonly kind: BrowsingKind; readonly place: Place; readonly about: unknown }
  | { readonly to: 'summing'; readonly kind: SummingKind; readonly place: Place; readonly about: unknown }
  | {
      readonly to: 'comparing'
      readonly a: Place
      readonly b: Place
      readonly about: { readonly a: string; readonly b: string; readonly purpose: MeasuredPurpose | undefined }
    }

export interface Asked {
  readonly id: number
  readonly question: Question
}

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }

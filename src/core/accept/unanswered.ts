/** Requests that never brought an answer, though their place is before that of the last accepted trace: how far they may bend the accepted set. */

export interface Unanswered {
  readonly iteration: number
  /** Requests without an answer. */
  readonly unanswered: number
  readonly accepted: number
}

/**
 * In two sentences, with the bound: were every one of them eligible, so many of the accepted traces would be others, namely the last
 * in order.
 */
export function unansweredInWords({ iteration, unanswered, accepted }: Unanswered): string {
  const most = Math.min(unanswered, accepted)
  const share = ((100 * most) / Math.max(1, accepted)).toFixed(1)
  const requests = unanswered === 1 ? '1 request' : `${unanswered} requests`
  return `Iteration ${iteration}: ${requests} before its last accepted trace never brought an answer, though asked twice. Were all of them right, ${most} of ${accepted} accepted traces (${share}%) would be others; where answers fail because of what they are (long ones that time out), the set leans away from these.`
}

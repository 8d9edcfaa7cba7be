/**
 * The rate at which an endpoint is asked, as a law of what it took and refused. Pure.
 *
 * One that refuses more than a tenth is asked at the rate that it takes, and for a little more after a while; a share of refusals
 * that does not fall when less is asked for is noise, and costs nothing but its own waits.
 */

/** What became of what an endpoint was asked in about a second. */
export interface PaceWindow {
  readonly seconds: number
  readonly begun: number
  readonly answered: number
  readonly refused: number
  /** Whether somebody waited for the pace alone. */
  readonly isBinding: boolean
}

export interface Pace {
  /** Requests a second; undefined: as many as there is room for. */
  readonly rate: number | undefined
  /** Share that is refused whatever the rate, 0 to 1. */
  readonly noise: number
  /** A cut that has yet to show what it does: the share and the rate before it, how many there were, windows to let pass. */
  readonly cut:
    | { readonly share: number; readonly rate: number | undefined; readonly times: number; readonly settling: number }
    | undefined
  /** Asked and refused at this rate, what was longer ago counting less: one window alone is mostly chance. */
  readonly seen: { readonly asked: number; readonly refused: number }
  /** It refuses everybody: only now and then one request asks whether that is over. */
  readonly isShut: boolean
  /** What was taken since it last opened, and in which time: after a while shut, its rate. */
  readonly taken: number
  readonly seconds: number
  /** Length of the last turn of open and shut in seconds, 1 before there was one: a limit by the minute is felt by the minute. */
  readonly turn: number
  /** Seconds in which nobody had to wait for the pace. */
  readonly unbound: number
  /** Too little was taken to know a rate: it doubles until something is refused. */
  readonly isStarting: boolean
  /** The last rate that was taken whole, and the last one that was not. */
  readonly good: number | undefined
  readonly bad: number | undefined
  /** Windows to stay at this rate, so that what tries for more costs are few refusals in all. */
  readonly hold: number
}

export const FREE: Pace = {
  rate: undefined,
  noise: 0,
  cut: undefined,
  seen: { asked: 0, refused: 0 },
  isShut: false,
  taken: 0,
  seconds: 0,
  turn: 1,
  unbound: 0,
  isStarting: false,
  good: undefined,
  bad: undefined,
  hold: 0,
}

/** Requests a second that ask a shut endpoint whether it is open again; also the lowest pace. */
const LOWEST_RATE = 1
/** Share refused beyond the noise that is too much in one window, and for long under a pace. */
const TOO_MANY = 0.1
const TOO_MANY_PACED = 0.015
/** More than this beyond the noise, and a rate is not good. */
const A_FEW = 0.01
/** So many standard deviations more than expected are chance, and fewer refusals do not show that everybody is refused. */
const BY_CHANCE = 2
const FEWEST = 3
/** How fast the noise is learnt, from a window with so many requests. */
const LEARNING = 0.3
const LEARNING_ASKED = 100
/** Fewer requests taken tell no rate. */
const FEWEST_TAKEN = 20
/** Answered at most so often, a window shows an endpoint that refuses everybody. */
const NOBODY = 0.05
/** A cut was of use where the share fell below this part of what it was; so many refusals are due by then if it was of none. */
const OF_USE = 1 / 3
const DUE_BY_THEN = 8
const ENOUGH_SEEN = 100
const MOST_SEEN = 300
const CUTS_OF_NO_USE = 2
/** Faster by this part after every clean window of about a second, or fifth of a turn. */
const GROWTH = 0.03
const TURN_PARTS = 5
/** Steps of growth after one window, however long. */
const MOST_STEPS = 3
const LONGEST_HOLD = 20
/** Faster by this part where the rate is still far below the one that was too much. */
const FAST_GROWTH = 0.25
const FAR_BELOW = 0.75
/** Just below what was taken. */
const BELOW = 0.99
/** Seconds in which the pace has bound nobody, after which there is none. */
const UNBOUND_SECONDS = 10
/** What was taken longer ago than about this many seconds counts little. */
const MEMORY_SECONDS = 120

/**
 * Whether an endpoint without a pace refuses so much of what it was asked within one window that the rest of it is waited for:
 * a whole limit's worth, since refusals come back before answers do.
 */
export function isStruck({ begun, refused }: Pick<PaceWindow, 'begun' | 'refused'>, limit: number): boolean {
  return refused >= Math.max(FEWEST_TAKEN, limit) && refused > begun / 2
}

/** The pace after one more window. */
export function pace(state: Pace, window: PaceWindow): Pace {
  const { seconds, refused, begun } = window
  const taken = Math.max(0, begun - refused)
  const share = taken + refused === 0 ? 0 : refused / (taken + refused)
  const fade = state.seconds + seconds > MEMORY_SECONDS ? 0.5 : 1
  const next: Pace = { ...state, taken: fade * (state.taken + taken), seconds: fade * (state.seconds + seconds) }
  if (state.isShut) return window.answered > 0 ? reopened(next) : next
  if (refused >= FEWEST && share > 1 - NOBODY && window.answered <= NOBODY * refused)
    return { ...next, isShut: true, rate: LOWEST_RATE, cut: undefined }
  const { cut } = state
  if (cut !== undefined && cut.settling > 0)
    return { ...next, cut: { ...cut, settling: cut.settling - 1 }, seen: FREE.seen }
  const asked = taken + refused
  const isTrial = state.rate !== undefined && state.good !== undefined && state.rate > state.good
  // What a trial of more shows is its own.
  const seen = isTrial ? { asked, refused } : addTo(state.seen, asked, refused)
  if (cut !== undefined && seen.asked * cut.share < DUE_BY_THEN) return { ...next, seen }
  const takenRate = Math.max(taken, window.answered) / seconds
  const isOfUse = cut === undefined || seen.refused <= OF_USE * cut.share * seen.asked
  if (!isOfUse) return ofNoUse({ ...next, seen }, cut, takenRate)
  const isMuch = isTooMany(state.noise + TOO_MANY, asked, refused)
  const isSteady = seen.asked >= ENOUGH_SEEN && isTooMany(state.noise + TOO_MANY_PACED, seen.asked, seen.refused)
  if (isMuch || (state.rate !== undefined && isSteady))
    return cutDown({ ...next, seen }, takenRate, share, isMuch || isTrial)
  return clean({ ...next, cut: undefined, seen }, window, share)
}

function addTo(seen: Pace['seen'], asked: number, refused: number): Pace['seen'] {
  const fade = seen.asked + asked > MOST_SEEN ? 0.5 : 1
  return { asked: fade * (seen.asked + asked), refused: fade * (seen.refused + refused) }
}

/** More than this share and chance bring. */
function isTooMany(share: number, asked: number, refused: number): boolean {
  return refused > Math.max(1, share * asked + BY_CHANCE * Math.sqrt(share * asked))
}

function reopened(state: Pace): Pace {
  const rate = Math.max(LOWEST_RATE, state.taken / Math.max(1, state.seconds))
  const isStarting = state.taken < FEWEST_TAKEN
  const turn = isStarting ? 1 : Math.max(1, state.seconds)
  return { ...FREE, noise: state.noise, rate, turn, isStarting }
}

function cutDown(state: Pace, takenRate: number, shareNow: number, isSudden: boolean): Pace {
  const { seen, good, rate, isStarting } = state
  const share = Math.max(shareNow, seen.refused / Math.max(1, seen.asked))
  const isGuess = rate === undefined || isStarting
  return {
    ...state,
    isStarting: false,
    // What was tried last was too much; only where that is not the reason the limit has moved.
    rate: Math.max(LOWEST_RATE, BELOW * (isSudden && !isStarting ? (good ?? takenRate) : takenRate)),
    good: isGuess ? undefined : good,
    bad: rate,
    cut: { share, rate, times: 1, settling: 1 },
    seen: FREE.seen,
    hold: isGuess ? 0 : holdFor(share),
    unbound: 0,
  }
}

/** What is refused whatever is asked is noise. Only a cut tells it from a limit, of which some is refused at any rate just above. */
function ofNoUse(state: Pace, cut: NonNullable<Pace['cut']>, takenRate: number): Pace {
  const { asked, refused } = state.seen
  if (cut.times >= CUTS_OF_NO_USE)
    return { ...state, rate: cut.rate, noise: refused / asked, cut: undefined, seen: FREE.seen }
  const rate = Math.max(LOWEST_RATE, BELOW * takenRate)
  return { ...state, rate, cut: { ...cut, times: cut.times + 1, settling: 1 }, seen: FREE.seen }
}

function clean(state: Pace, { seconds, isBinding, begun, refused }: PaceWindow, share: number): Pace {
  const noise = learnt(state, share, begun)
  if (state.rate === undefined) return { ...state, noise }
  const unbound = isBinding ? 0 : state.unbound + seconds
  if (unbound >= UNBOUND_SECONDS) return { ...FREE, noise }
  const kept = { ...state, noise, unbound }
  // Too few to cut for, too many to continue: back to what was good.
  if (refused > 1 && share > state.noise + A_FEW) {
    const hold = Math.max(state.hold, holdFor(share - state.noise))
    const rate = Math.min(state.rate, state.good ?? state.rate)
    return { ...kept, rate, hold, seen: rate < state.rate ? FREE.seen : state.seen }
  }
  const good = { ...kept, good: state.rate }
  if (!isBinding) return good
  if (state.hold > 0) return { ...good, hold: state.hold - 1 }
  return { ...good, rate: state.rate * growthOf(state, state.rate, seconds), seen: FREE.seen }
}

/** Windows in which nothing is tried, so that what was refused is few of all. */
function holdFor(share: number): number {
  return Math.min(LONGEST_HOLD, Math.ceil(share / A_FEW))
}

/** Without a pace what is refused is noise; under one it may be the limit, and shows only that the noise is no more. */
function learnt({ noise, rate }: Pace, share: number, asked: number): number {
  if (rate !== undefined && share > noise) return noise
  return noise + LEARNING * Math.min(1, asked / LEARNING_ASKED) * (share - noise)
}

function growthOf({ isStarting, bad, turn }: Pace, rate: number, seconds: number): number {
  if (isStarting) return 2
  // Where no rate has been too much yet, what was taken so far may say little of the limit.
  if (bad === undefined ? turn < TURN_PARTS : rate < FAR_BELOW * bad) return 1 + FAST_GROWTH
  return (1 + GROWTH) ** Math.min(MOST_STEPS, seconds / Math.max(1, turn / TURN_PARTS))
}

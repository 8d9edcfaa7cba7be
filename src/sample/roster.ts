/**
 * Who is in a pool, and who of them has room: kept up to date by what happens to each, so that with a thousand members nobody has to
 * look at all of them for one request.
 */

import type { Member } from './member.ts'
import { nearby, type Ring, ringOf } from './ring.ts'
import { route } from './route.ts'

export interface Roster {
  add(member: Member): void
  /** Takes no more requests; what it has under way is its own affair. */
  remove(member: Member): void
  /** Something happened to it: its room, its order, its limit may be others now. */
  touch(member: Member): void
  /** The best one that has room for a request; undefined where nobody has. */
  find(prefix: string, avoid: Member | undefined): Member | undefined
  /** Those that are not left out for good. */
  readonly left: () => number
  readonly first: () => Member | undefined
  /** Whether none of them is in order; also where there is none. */
  readonly isDown: () => boolean
  /** Those whose state changes by time alone: away, on trial, held to a pace. */
  readonly timed: () => Iterable<Member>
  /** Those that are left, for the rare looks at all of them. */
  readonly all: () => Iterable<Member>
  /** Requests that those in order may have in flight, or all where none is. */
  readonly limit: () => number
  /** Whether another than this one can be given work. */
  hasOther(than: Member): boolean
}

/** What is known of a member as it counts in the sums. */
interface Place {
  readonly isOpen: boolean
  readonly isInOrder: boolean
  readonly limit: number
}

/** Up to so many are all compared with each other for every request. */
const FEW = 32
/** Of more: so many near the prompt's place, found among so many points, and so many others. */
const NEAR = 8
const POINTS = 64
const ANYWHERE = 4
const MOST = 16
/** A step that meets everybody before it meets somebody twice, for any number below it. */
const STEP = 7919

export function createRoster(): Roster {
  const places = new Map<Member, Place>()
  const timed = new Set<Member>()
  /** In order, without a pace, with room. */
  const roomy = createBag<Member>()
  let ring: Ring<Member> | undefined
  let [open, inOrder, inOrderLimit, wholeLimit, cursor] = [0, 0, 0, 0, 0]

  const count = (place: Place, sign: 1 | -1): void => {
    open += place.isOpen ? sign : 0
    inOrder += place.isInOrder ? sign : 0
    inOrderLimit += place.isInOrder ? sign * place.limit : 0
    wholeLimit += sign * place.limit
  }
  const forget = (member: Member): void => {
    const place = places.get(member)
    if (place === undefined) return
    count(place, -1)
    places.delete(member)
    timed.delete(member)
    roomy.delete(member)
    ring = undefined
  }
  const touch = (member: Member): void => {
    const before = places.get(member)
    if (before === undefined) return
    if (member.expelled() !== undefined) {
      forget(member)
      return
    }
    const place = { isOpen: member.isOpen(), isInOrder: member.isInOrder(), limit: member.limiter.limit() }
    count(before, -1)
    count(place, 1)
    places.set(member, place)
    const isTimed = member.isTimed()
    if (isTimed) timed.add(member)
    else timed.delete(member)
    if (!isTimed && member.inFlight < place.limit) roomy.add(member)
    else roomy.delete(member)
  }
  const shortList = (prefix: string): Member[] => {
    // Where hardly anybody has room there is little to choose from, and no need to look for it.
    const isScarce = roomy.size() <= NEAR
    ring ??= ringOf([...places.keys()])
    const list = isScarce ? roomy.all().slice() : nearby(ring, prefix, roomy.has, NEAR, POINTS)
    for (let i = 0; !isScarce && i < ANYWHERE; i++) {
      const member = roomy.at(cursor++ * STEP)
      if (member !== undefined && !list.includes(member)) list.push(member)
    }
    for (const member of timed) if (list.length < MOST && member.inFlight < member.limit) list.push(member)
    return list
  }
  return {
    add(member) {
      const place = { isOpen: false, isInOrder: true, limit: 0 }
      places.set(member, place)
      count(place, 1)
      ring = undefined
      touch(member)
    },
    remove: forget,
    touch,
    find(prefix, avoid) {
      return route(places.size <= FEW ? [...places.keys()] : shortList(prefix), prefix, avoid)
    },
    left: () => places.size,
    first: () => places.keys().next().value,
    isDown: () => open === places.size,
    timed: () => timed,
    all: () => places.keys(),
    limit: () => (inOrder > 0 ? inOrderLimit : wholeLimit),
    hasOther(than) {
      for (const [other, { isInOrder }] of places) if (other !== than && isInOrder && !other.isTimed()) return true
      for (const other of timed) if (other !== than && other.limit > 0) return true
      return false
    },
  }
}

interface Bag<T> {
  add(item: T): void
  delete(item: T): void
  has(item: T): boolean
  all(): readonly T[]
  /** By a number that goes round. */
  at(i: number): T | undefined
  size(): number
}

/** A set whose members can be reached by number. */
function createBag<T>(): Bag<T> {
  const items: T[] = []
  const indices = new Map<T, number>()
  return {
    add(item) {
      if (indices.has(item)) return
      indices.set(item, items.length)
      items.push(item)
    },
    delete(item) {
      const index = indices.get(item)
      if (index === undefined) return
      indices.delete(item)
      // The last one takes its number.
      const last = items.pop()
      if (last === undefined || last === item) return
      items[index] = last
      indices.set(last, index)
    },
    has: (item) => indices.has(item),
    all: () => items,
    at: (i) => items[i % items.length],
    size: () => items.length,
  }
}

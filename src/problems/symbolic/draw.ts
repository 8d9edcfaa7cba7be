/** Draws the variables of a template until its conditions hold, a bounded number of times. */

import { type Random, randomInteger } from '../../core/seed.ts'
import { findNumber } from './domain.ts'
import { assign } from './draw-line.ts'
import type { DrawPlan, Step } from './draw-plan.ts'
import { TemplateFault } from './fault.ts'
import { setRow } from './tables.ts'
import { createScope, isTrue, requireTime, type Scope } from './value.ts'

/** Draws in a row that may fail before a template counts as one that nothing satisfies. */
export const MOST_REJECTIONS = 1_000_000

/** What drawing has cost so far; counted up in place. */
export interface DrawCount {
  draws: number
  rejected: number
}

/**
 * Values of all variables that satisfy the conditions.
 * @returns undefined when none were found in that many draws
 * @throws TemplateFault when a value does not fit its use
 */
export function findValues(plan: DrawPlan, random: Random, count: DrawCount, most: number): Scope | undefined {
  const scope: Scope = createScope(random)
  for (let failures = 0; failures < most; failures++) {
    count.draws++
    if (failures % 1024 === 1023) requireTime(scope)
    const fit = isFit(plan, scope)
    if (fit === true) {
      for (const line of plan.rest) assign(line, scope)
      return scope
    }
    // An error takes the time of many plain rejections.
    if (fit === undefined) failures += 20
    count.rejected++
  }
  return undefined
}

/** findValues, of which at least one draw in MOST_REJECTIONS must be of use. @throws TemplateFault when none is */
export function drawValues(plan: DrawPlan, random: Random, count: DrawCount): Scope {
  const scope = findValues(plan, random, count, MOST_REJECTIONS)
  if (scope !== undefined) return scope
  throw new TemplateFault(
    `its #conditions rejected ${MOST_REJECTIONS.toLocaleString('en')} draws in a row; loosen them or widen #init`,
  )
}

/** Undefined where these values gave an error, such as a division by zero; others may do. */
function isFit(plan: DrawPlan, scope: Scope): boolean | undefined {
  try {
    for (const step of plan.search) if (!takeStep(step, scope)) return false
    return true
  } catch (error) {
    if (error instanceof TemplateFault && error.isOfValues) return undefined
    throw error
  }
}

function takeStep(step: Step, scope: Scope): boolean {
  switch (step.kind) {
    case 'draw':
      assign(step.line, scope)
      return true
    case 'pick':
      setRow(step.table, step.table.rows[randomInteger(scope.random, step.table.rows.length)] ?? 0, scope)
      return true
    case 'check':
      return isTrue(step.condition.holds(scope))
    case 'solve': {
      const found = findNumber(step.domain, step.value(scope))
      scope.values[step.place] = found
      return found !== undefined
    }
  }
}

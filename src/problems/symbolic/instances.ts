/** Instances of one template, each a function of its stream of chance. */

import { type Random, randomFor } from '../../core/seed.ts'
import { domainOf } from './domain.ts'
import { type DrawCount, drawValues, findValues } from './draw.ts'
import { type DrawPlan, planDraws } from './draw-plan.ts'
import { TemplateFault } from './fault.ts'
import { createRenderer, type Instance, type Rendered, renderInstance } from './render.ts'
import type { Template } from './template.ts'
import { countOf } from './value.ts'

/** Draws whose #answer and worked solution may disagree in a row before the template counts as broken. */
const MOST_DISAGREEMENTS = 1000
/** Draws that decide whether #answer is of use at all. */
const TRIALS = 40
/** Draws that decide whether tables are worth their building, and the share of rejections from which on they are. */
const PLAN_DRAWS = 1000
const LOW_RATE = 0.95
/** Combinations tried for one table: some 50 ms of work. */
const MOST_ROWS = 100_000

export interface GenerationCount extends DrawCount {
  /** Draws thrown away because #answer and the worked solution ended in different numbers. */
  disagreed: number
}

export interface Generator {
  readonly template: Template
  /** What its instances have cost so far. */
  readonly count: GenerationCount
  /** Share of all combinations of values that tables have left to draw from; 1 where there are none. */
  readonly share: number
  /** True where #answer never gives the number of the worked solution, which then stands alone. */
  readonly ignoresAnswer: boolean
  /** @throws TemplateFault when the conditions are met by nothing, or a value does not fit its use */
  readonly draw: (random: Random) => Instance
}

/** @throws TemplateFault when no instance can be drawn at all */
export function createGenerator(template: Template): Generator {
  requireDomains(template)
  const plan = choosePlan(template)
  const renderer = createRenderer(template)
  const trials: GenerationCount = { draws: 0, rejected: 0, disagreed: 0 }
  const render = (random: Random, counted: GenerationCount) =>
    renderInstance(renderer, drawValues(plan, random, counted))
  const trial = randomFor(0, `trial/${template.name}`)
  const attempts = range(TRIALS).map(() => attempt(() => render(trial, trials)))
  const ignoresAnswer = attempts.some((tried) => tried !== undefined) && !attempts.some((tried) => tried?.agrees)

  const count: GenerationCount = { draws: 0, rejected: 0, disagreed: 0 }
  const draw = (random: Random): Instance => {
    let reason = ''
    for (let tries = 0; tries < MOST_DISAGREEMENTS; tries++) {
      const rendered = attempt(
        () => render(random, count),
        (fault) => {
          reason = fault.message
        },
      )
      if (rendered !== undefined && (rendered.agrees || ignoresAnswer)) return rendered.instance
      count.disagreed++
    }
    throw new TemplateFault(
      `#answer and the worked solution gave no common answer in ${MOST_DISAGREEMENTS} draws${reason === '' ? '' : ` (${reason})`}`,
    )
  }
  return { template, count, share: plan.share, ignoresAnswer, draw }
}

/** @throws TemplateFault for a line that draws from an empty list */
function requireDomains({ lines }: Template): void {
  for (const line of lines) {
    const domain = domainOf(line)
    if (domain === undefined || countOf(domain) > 0) continue
    throw new TemplateFault(`line ${line.line} of question_annotated: there is nothing to draw from`)
  }
}

/** A plan without tables where that is good enough: most templates accept one draw in ten or more. */
function choosePlan(template: Template): DrawPlan {
  const plan = planDraws(template)
  const count: DrawCount = { draws: 0, rejected: 0 }
  const random = randomFor(0, `plan/${template.name}`)
  while (count.draws < PLAN_DRAWS && findValues(plan, random, count, PLAN_DRAWS) !== undefined);
  return count.rejected > LOW_RATE * count.draws ? planDraws(template, MOST_ROWS) : plan
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, place) => place)
}

/** Undefined where the drawn values were at fault; other faults are the template's and thrown. */
function attempt(draw: () => Rendered, blame: (fault: TemplateFault) => void = () => {}): Rendered | undefined {
  try {
    return draw()
  } catch (error) {
    if (!(error instanceof TemplateFault) || !error.isOfValues) throw error
    blame(error)
    return undefined
  }
}

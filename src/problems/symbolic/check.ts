/** Checks templates against themselves: with its defaults a template must give its published answer, and it must be drawable. */

import { resolve } from 'node:path'
import { randomFor } from '../../core/seed.ts'
import { isAltered } from './altered.ts'
import { defaultScope } from './defaults.ts'
import { TemplateFault } from './fault.ts'
import { readTemplates, type TemplateFile } from './folder.ts'
import { createGenerator } from './instances.ts'
import { createRenderer, isSameText, lastAnswer } from './render.ts'
import type { Template } from './template.ts'
import { readWordLists } from './word-lists.ts'

export interface TemplateCheck {
  readonly templates: number
  readonly ok: number
  readonly unsupported: readonly { readonly file: string; readonly reason: string }[]
  readonly wrong: readonly { readonly file: string; readonly expected: string; readonly got: string }[]
  /**
   * Among `ok`: templates whose question asks something else than the published one (P1 and P2 add clauses to it), so that
   * no answer to it is published; they are held against their own worked solution.
   */
  readonly altered: number
  /** What is odd about templates that are ok, one sentence each. */
  readonly notes: readonly string[]
}

/** Instances of a template that must come out before it counts as drawable. */
const TRIAL_INSTANCES = 3

/** @throws ConfigError when the folder cannot be read */
export function checkTemplates(folder: string, words?: string): TemplateCheck {
  const files = readTemplates(folder, readWordLists(words))
  const unsupported: { file: string; reason: string }[] = []
  const wrong: { file: string; expected: string; got: string }[] = []
  const notes: string[] = []
  let altered = 0
  for (const entry of files) {
    const outcome = entry.kind === 'template' ? checkTemplate(entry, resolve(folder)) : entry
    if (outcome.kind === 'unsupported') unsupported.push({ file: entry.file, reason: outcome.reason })
    else if (outcome.kind === 'wrong') wrong.push({ file: entry.file, expected: outcome.expected, got: outcome.got })
    else {
      if (outcome.isAltered) altered++
      notes.push(...outcome.notes)
    }
  }
  const ok = files.length - unsupported.length - wrong.length
  return { templates: files.length, ok, unsupported, wrong, altered, notes }
}

type ReadableTemplate = Extract<TemplateFile, { kind: 'template' }>

type Outcome =
  | { readonly kind: 'ok'; readonly isAltered: boolean; readonly notes: readonly string[] }
  | { readonly kind: 'wrong'; readonly expected: string; readonly got: string }
  | { readonly kind: 'unsupported'; readonly reason: string }

function checkTemplate({ template, file, blame }: ReadableTemplate, folder: string): Outcome {
  try {
    const generator = createGenerator(template)
    for (let number = 0; number < TRIAL_INSTANCES; number++) {
      generator.draw(randomFor(0, `check/${template.name}/${number}`))
    }
    const ignored = generator.ignoresAnswer
      ? ['#answer never gives what the worked solution ends in; the worked solution is taken']
      : []
    const notes = [...template.notes, ...ignored].map((note) => `${file}  ${note}.`)
    return compareDefaults(template, folder, notes)
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    return { kind: 'unsupported', reason: blame(error) }
  }
}

/** What the worked solution ends in with the defaults, against what was published. */
function compareDefaults(template: Template, folder: string, notes: readonly string[]): Outcome {
  const expected = lastAnswer(template.published.answer)
  const scope = defaultScope(template)
  const { question, solution } = createRenderer(template)
  const isOther =
    expected === '' || isAltered(question(scope), template.published.question, `${folder}/${template.name}`)
  const got = attempt(() => lastAnswer(solution(scope)), isOther)
  if (got !== undefined && isSameText(got, expected)) return { kind: 'ok', isAltered: false, notes }
  return isOther ? { kind: 'ok', isAltered: true, notes } : { kind: 'wrong', expected, got: got ?? '' }
}

/** The defaults of an altered template may be beyond its conditions, and need not have a solution. */
function attempt(solve: () => string, mayFail: boolean): string | undefined {
  try {
    return solve()
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    if (mayFail && error.isOfValues) return undefined
    throw new TemplateFault(`with its defaults: ${error.message}`, { cause: error })
  }
}

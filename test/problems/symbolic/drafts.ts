/** Templates written for a test, and what is made of them. */

import { checkTemplates } from '../../../src/problems/symbolic/check.ts'
import { type GeneratedRow, type GenerateOptions, generateSymbolic } from '../../../src/problems/symbolic/generate.ts'
import { type Draft, templateFolder } from './template-files.ts'

export const CATS: Draft = {
  question: '{name,Tom} has {n,3} cats and {mult,twice} as many dogs.',
  init: ['name = sample(names)', '$n = range(2, 9)', '$mult = sample(multi_times)'],
  conditions: ['n > 3'],
  answer: 'n * mult',
  solution: 'He has {n} * {mult} = <<{n}*{mult}={n*mult}>>{n*mult} dogs, {mult} as many.\n#### {n*mult}',
  published: ['Tom has 3 cats and twice as many dogs.', 'So 6.\n#### 6'],
}

export function generate(folder: string, options: Partial<GenerateOptions> = {}) {
  const rows: GeneratedRow[] = []
  const report = generateSymbolic({ folder, count: 20, seed: 1, ...options }, (more) => rows.push(...more))
  return { rows, report }
}
export const instances = (draft: Draft, count = 20) => generate(templateFolder({ one: draft }), { count }).rows
export const reasonOf = (draft: Draft) => checkTemplates(templateFolder({ one: draft })).unsupported[0]?.reason

import { describe, expect, test } from 'vitest'
import { checkTemplates } from '../../../src/problems/symbolic/check.ts'
import { type GeneratedRow, generateSymbolic } from '../../../src/problems/symbolic/generate.ts'
import { FORMS } from './forms.ts'
import { templateFolder } from './template-files.ts'

/** A template with its published instance, and what the question of every instance must look like. */
describe('templates of the family in other forms', () => {
  test.each(Object.entries(FORMS))('%s', (_, form) => {
    const folder = templateFolder({ one: form })
    expect(checkTemplates(folder)).toMatchObject({ ok: 1, unsupported: [], wrong: [] })
    const rows: GeneratedRow[] = []
    const { unsupported } = generateSymbolic({ folder, count: 30, seed: 2 }, (more) => rows.push(...more))
    expect(unsupported).toEqual([])
    for (const { question, solution, answer } of rows) {
      expect(question).toMatch(form.every)
      expect(question + solution).not.toMatch(/[{}]|undefined|None|NaN|\[object/)
      expect(solution.replaceAll(',', '')).toMatch(new RegExp(`#### ${answer.replace('.', '\\.')}0?$`))
    }
  })
})

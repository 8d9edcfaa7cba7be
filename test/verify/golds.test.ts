import { describe, expect, test } from 'vitest'
import { loadRows } from '../../src/problems/load.ts'
import type { SourceSpec } from '../../src/problems/source.ts'
import { judge } from '../../src/verify/decide.ts'
import { hasSharedDatasets, sharedDatasets } from '../problems/files.ts'

/** Every gold answer, as its importer leaves it, against the ways in which a model states it. */
describe.skipIf(!hasSharedDatasets)('the gold answers of published datasets (skipped where they are absent)', () => {
  test.each<[string, SourceSpec['dataset'], string, number]>([
    ['GSM8K train', 'gsm8k', 'gsm8k/train.jsonl', 7473],
    ['GSM8K test', 'gsm8k', 'gsm8k/test.jsonl', 1319],
    ['MATH-500', 'math', 'math500/test.jsonl', 500],
    ['SVAMP', 'svamp', 'svamp/SVAMP.json', 1000],
    ['ASDiv', 'asdiv', 'asdiv/ASDiv.xml', 2305],
  ])('%s: each equals itself, bare, in a box and behind ####', (_, dataset, path, count) => {
    const golds = loadRows({ dataset, path }, sharedDatasets, () => undefined).map(({ problem }) => problem.answer)
    const failed = golds.filter((gold) =>
      [gold, `So \\boxed{${gold}}.`, `So it is.\n#### ${gold}`].some((said) => judge(gold, said).kind !== 'correct'),
    )
    // The one that is a sentence of its own, with a date in it, need not be found within another.
    expect(failed.filter((gold) => !gold.includes('December'))).toEqual([])
    expect(golds).toHaveLength(count)
  })
})

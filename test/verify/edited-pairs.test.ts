import { expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { editedPairs } from './edited-pairs.ts'

/**
 * No verdict changes unseen: whoever changes a rule writes them anew (`vitest run test/verify/edited-pairs.test.ts -u`) and reads which
 * ones are other ones now. They are what the checker says, not what is right.
 */
test('the verdicts of edited pairs are those that were read before', async () => {
  const pairs = editedPairs()
  const lines = pairs.map(({ gold, completion }) => {
    const { kind, rule, extraction } = judge(gold, completion)
    return `${kind} ${rule} ${extraction}  ${JSON.stringify(gold)} ||| ${JSON.stringify(completion)}`
  })
  expect(lines.length).toBeGreaterThan(3000)
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./edited-pairs.verdicts.txt')
})

/** Rules on the gate between keys: a sequential one goes back and forth between two checkpoints. */

import { type Path, valueAt } from './tree.ts'

export function gateRules(tree: unknown): { readonly path: Path; readonly sentence: string }[] {
  if (valueAt(tree, ['gate', 'sequential']) !== true) return []
  const embedded = valueAt(tree, ['sample', 'kind']) === 'embedded'
  const serving = valueAt(tree, ['serve', 'kind']) ?? (embedded ? 'embedded' : 'external')
  // A provider that fine-tunes continues serving the models before.
  if (serving !== 'external' || valueAt(tree, ['train', 'kind']) === 'openai') return []
  return [
    {
      path: ['gate', 'sequential'],
      sentence:
        'an undecided look asks the checkpoint before again, and serve.kind external cannot go back to it. Write a larger evaluate.samples instead, or let spendwise serve (restart, lora, reload).',
    },
  ]
}

/** Rules of `serve.kind: fleet`: the servers say themselves where they are, and the base has to be named. */

import { type Path, valueAt } from './tree.ts'

interface Fault {
  readonly path: Path
  readonly sentence: string
}

export function fleetRules(tree: unknown): Fault[] {
  const faults: Fault[] = []
  const endpoints = valueAt(tree, ['sample', 'endpoints'])
  if (Array.isArray(endpoints) && endpoints.length > 0) {
    faults.push({
      path: ['sample', 'endpoints'],
      sentence: 'the servers of a fleet say themselves where they are. Remove endpoints, or use serve.kind: restart.',
    })
  }
  if (valueAt(tree, ['base']) === undefined) {
    faults.push({
      path: ['serve', 'kind'],
      sentence: 'the first servers are started on the base, which no endpoint names. Write base: PATH, or a hub name.',
    })
  }
  const [servers, least] = [valueAt(tree, ['serve', 'servers']) ?? 1, valueAt(tree, ['serve', 'least'])]
  if (typeof servers === 'number' && typeof least === 'number' && least > servers) {
    faults.push({
      path: ['serve', 'least'],
      sentence: `there are never more than ${servers} servers. Write at most ${servers}, or raise servers.`,
    })
  }
  if (valueAt(tree, ['serve', 'through']) === 'ray' && valueAt(tree, ['serve', 'ray']) === undefined) {
    faults.push({
      path: ['serve', 'through'],
      sentence:
        'nothing says where Ray is. Write for example ray: { address: "http://head:8265", gpus: 1 } below serve.',
    })
  }
  if (
    valueAt(tree, ['serve', 'adapters']) === true &&
    valueAt(tree, ['train', 'kind']) !== undefined &&
    valueAt(tree, ['train', 'init']) !== 'base'
  ) {
    faults.push({
      path: ['serve', 'adapters'],
      sentence: 'an adapter is trained on the base that the servers hold. Write train.init: base, or adapters: false.',
    })
  }
  return faults
}

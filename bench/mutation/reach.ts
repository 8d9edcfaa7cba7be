/** Which test files can notice a change of a source file, those that are likely to notice it first. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { importsOf, PROJECT, readSources, targetOf } from '../../test/source-text.ts'

/** Where the program starts: a test that starts processes reaches whatever it reaches. */
const PROGRAM = 'src/commands/main.ts'
const STARTS_PROGRAM = /spendwise\.js/
const DEFAULT_TEST = /(?<!\.slow|\.stack)\.test\.ts$/

type Graph = ReadonlyMap<string, readonly string[]>

/** @returns for a source file its test files, nearest first: the test of the same name, direct imports, the same room, the program */
export function createReach(): (file: string) => { readonly test: string; readonly rank: number }[] {
  const graph = importGraph()
  const tests = [...graph.keys()].filter((path) => DEFAULT_TEST.test(path))
  const depths = new Map(tests.map((test) => [test, depthsFrom(graph, test)]))
  return (file) =>
    tests
      .flatMap((test) => {
        const depth = depths.get(test)?.get(file)
        return depth === undefined ? [] : [{ test, rank: rankOf(test, file, depth) }]
      })
      .sort((a, b) => a.rank - b.rank || (a.test < b.test ? -1 : 1))
}

function rankOf(test: string, file: string, depth: number): number {
  const own = `test/${file.slice('src/'.length).replace(/\.ts$/, '.test.ts')}`
  if (test === own) return 0
  const isSameFolder = dirname(test) === dirname(own)
  const isSameRoom = test.split('/')[1] === own.split('/')[1]
  return depth + (isSameFolder ? 0 : isSameRoom ? 1 : 2)
}

/** Steps of imports to every file that a test loads. What a started program loads is farther than all that is imported. */
function depthsFrom(graph: Graph, test: string): Map<string, number> {
  const depths = new Map([[test, 0]])
  let edge = [test]
  let startsAt: number | undefined
  for (let depth = 1; edge.length > 0; depth++) {
    const next = edge.flatMap((path) => graph.get(path) ?? [])
    if (startsAt === undefined && next.includes(PROGRAM)) startsAt = depth
    edge = [...new Set(next)].filter((path) => path !== PROGRAM && !depths.has(path))
    for (const path of edge) depths.set(path, depth)
  }
  if (startsAt === undefined) return depths
  const FAR = 100
  edge = [PROGRAM]
  for (let depth = FAR; edge.length > 0; depth++) {
    edge = [...new Set(edge)].filter((path) => !depths.has(path))
    for (const path of edge) depths.set(path, depth)
    edge = edge.flatMap((path) => graph.get(path) ?? [])
  }
  return depths
}

function importGraph(): Graph {
  const sources = [...readSources('src', '.ts'), ...readSources('test', '.ts')]
  return new Map(
    sources.map((source) => {
      const imported = importsOf(source)
        .filter(({ form }) => form !== 'type')
        .flatMap((found) => targetOf(found) ?? [])
        .filter((path) => existsSync(join(PROJECT, path)))
      const starts = source.path.startsWith('test/') && STARTS_PROGRAM.test(source.code)
      return [source.path, starts ? [...imported, PROGRAM] : imported]
    }),
  )
}

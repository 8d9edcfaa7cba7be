/** Says in one sentence that Node is too old for the tests, instead of failing in each of them for a reason of its own. */

import { readFileSync } from 'node:fs'

/** @throws where this Node is older than `engines` of package.json */
export function refuseOldNode(version: string = process.versions.node): void {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string }
  }
  const [least = 0, leastMinor = 0] = engines.node.replace('>=', '').split('.').map(Number)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > least || (major === least && minor >= leastMinor)) return
  throw new Error(
    `The tests need Node ${engines.node} and this is ${version}; run them with npm test or npx vitest, which take the Node that npm ci installs.`,
  )
}

/** The same for a configuration: the sentence, and nothing else. */
export function endOnOldNode(): void {
  try {
    refuseOldNode()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(1)
  }
}

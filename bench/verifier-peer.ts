/** Math-Verify beside the checker, where Python and the package are there. */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface PeerRun {
  readonly version: string
  readonly verdicts: readonly { readonly equal: boolean; readonly ms: number }[]
}

const VERSION = '0.9.0'
const ENVIRONMENT = fileURLToPath(new URL('../artefacts/math-verify', import.meta.url))

/** The Python of an environment with Math-Verify in it, made where it is not there yet; undefined where that fails. */
export function preparePython(): string | undefined {
  const python = `${ENVIRONMENT}/bin/python3`
  const isThere = existsSync(python) && spawnSync(python, ['-c', 'import math_verify']).status === 0
  if (isThere) return python
  const steps: readonly (readonly [command: string, ...args: readonly string[]])[] = [
    ['python3', '-m', 'venv', ENVIRONMENT],
    [python, '-m', 'pip', 'install', '--quiet', `math-verify==${VERSION}`],
  ]
  for (const [command, ...args] of steps) {
    const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status === 0) continue
    console.error(
      `Math-Verify skipped: ${command} ${args.join(' ')} failed (--python PATH names a Python that has it).`,
    )
    return undefined
  }
  return python
}

/** Undefined, with the reason on stderr, where it cannot run. */
export async function runMathVerify(
  python: string,
  pairs: readonly { readonly gold: string; readonly pred: string }[],
): Promise<PeerRun | undefined> {
  const script = fileURLToPath(new URL('math_verify_peer.py', import.meta.url))
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'ignore'] })
  const failed = new Promise<undefined>((resolve) => child.once('error', () => resolve(undefined)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(pairs.map(({ gold, pred }) => `${JSON.stringify({ gold, pred })}\n`).join(''))
  const reading = (async () => {
    const lines: { version?: string; equal?: boolean; ms?: number }[] = []
    for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line))
    return lines
  })()
  const lines = await Promise.race([reading, failed])
  const version = lines?.[0]?.version
  if (!lines || version === undefined) {
    console.error(`Math-Verify skipped: ${python} cannot import math_verify (pip install math-verify; --python PATH).`)
    return undefined
  }
  return { version, verdicts: lines.slice(1).map(({ equal, ms }) => ({ equal: equal ?? false, ms: ms ?? 0 })) }
}

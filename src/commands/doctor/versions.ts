/** What runs here, by its versions: this program, the machine, the trainer's packages, the servers. */

import { execFile } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { RunConfig } from '../../config/schema.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import { messageOf } from '../../core/errors.ts'
import { askBeside } from '../../sample/server/questions.ts'

const PACKAGES = 'torch transformers trl peft accelerate datasets tokenizers vllm deepspeed ray'.split(' ')
const LIST_PACKAGES = `import importlib.metadata as m, json, sys
found = {"python": sys.version.split()[0]}
for name in sys.argv[1:]:
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))`
const GPU_QUERY = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader']
const DEADLINE_MS = 30_000

export function machineVersions(): Readonly<Record<string, unknown>> {
  const [first] = cpus()
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch} ${release()}`,
    cpus: `${cpus().length} x ${first?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  }
}

/** Lines of nvidia-smi; empty where there is none. */
export async function gpuVersions(): Promise<string[]> {
  const said = await outputOf('nvidia-smi', GPU_QUERY)
  return 'text' in said ? said.text.split('\n').filter((line) => line !== '') : []
}

/** Versions of the packages that the trainer's Python has; undefined where the command runs none, or it runs elsewhere. */
export async function trainerVersions({ train }: RunConfig): Promise<unknown> {
  const python =
    train.kind === 'command' ? train.command.find((word) => /^python[\d.]*$/.test(basename(word))) : undefined
  if (python === undefined) return undefined
  const said = await outputOf(python, ['-c', LIST_PACKAGES, ...PACKAGES])
  return 'text' in said ? (JSON.parse(said.text) as unknown) : said
}

/** Where inference servers tell who they are: vLLM and SGLang, llama.cpp, TGI, ollama. */
const PLACES = ['/version', '/props', '/info', '/api/version'] as const
const WORTH_SAYING = /^(version|build_info|model_id|model_path|n_ctx|total_slots|chat_template_caps|docker_label|sha)$/

/** What a server says of itself there; only the fields that name a version or a size. */
export async function serverVersions(
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const said = await Promise.all(
    PLACES.map(async (place) => {
      try {
        const all = await askBeside(endpoint, 'GET', place, z.record(z.string(), z.unknown()), undefined, signal)
        const some = Object.entries(all).filter(([name]) => WORTH_SAYING.test(name))
        return some.length > 0 ? [[place, Object.fromEntries(some)] as const] : []
      } catch {
        signal.throwIfAborted()
        // A server has one of these places and not the others.
        return []
      }
    }),
  )
  return Object.fromEntries(said.flat())
}

async function outputOf(
  program: string,
  args: readonly string[],
): Promise<{ readonly text: string } | { readonly error: string }> {
  try {
    return { text: (await promisify(execFile)(program, args, { timeout: DEADLINE_MS })).stdout }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

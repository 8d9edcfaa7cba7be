/** The part of the real-stack tests in which chats go through vLLM under every family's chat template, and the recipe makes their tokens. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../loop/workplace.ts'
import { allHold, failed, type Outcome } from './outcome.ts'
import { stackPython } from './python.ts'
import { startVllm, whyNoVllm } from './vllm/server.ts'

/** As vllm_templates.py prints it. */
interface Look {
  readonly name: string
  readonly source: string
  /** Completions, of which so many have the prompt that vLLM read, and the ids that it sampled. */
  readonly asked: number
  readonly prompt: number
  readonly completion: number
  readonly ended: number
  readonly refused: readonly string[]
}

/** Families in all, and those that take no system message: vLLM refuses half of their chats. */
const FAMILIES = 39
const WITHOUT_SYSTEM = ['gemma', 'no system role']

export async function templatesPart(): Promise<Outcome> {
  const why = whyNoVllm()
  if (why !== undefined) return { kind: 'skipped', why }
  const python = stackPython()
  if (python.kind === 'missing') return failed(python.why)
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-templates-'))
  const model = join(folder, 'together')
  const run = (file: string, args: readonly string[]): string => {
    const script = fileURLToPath(new URL(file, import.meta.url))
    const env = { ...process.env, OMP_NUM_THREADS: '1', HF_HUB_OFFLINE: '1', CUDA_VISIBLE_DEVICES: '' }
    const { status, stdout, stderr } = spawnSync(python.program('python'), [script, ...args], { encoding: 'utf8', env })
    if (status !== 0) throw new Error(`${file} ended with ${status}: ${stderr.split('\n').slice(-5).join(' ')}`)
    return stdout
  }
  try {
    run('make_family.py', [model, '--together'])
    const more = ['--trust-request-chat-template', '--max-model-len', '8192', '--max-num-seqs', '4']
    const place = { model, name: 'together', port: await freePort(), folder }
    const vllm = await startVllm({ program: python.program, more }, place)
    try {
      const lines = run('vllm_templates.py', [vllm.baseURL, 'together', folder]).split('\n')
      const looks = lines.filter((line) => line.startsWith('@@')).map((line) => JSON.parse(line.slice(2)) as Look)
      for (const look of looks) console.error(JSON.stringify(look))
      const broken = looks.filter(({ name, asked, prompt, completion, refused }) => {
        const isHalf = WITHOUT_SYSTEM.includes(name)
        return (
          asked !== (isHalf ? 4 : 8) || prompt !== asked || completion !== asked || refused.length !== (isHalf ? 1 : 0)
        )
      })
      return allHold([
        [`all ${FAMILIES} families were tried (${looks.length})`, looks.length >= FAMILIES],
        [`each has vLLM's prompt and vLLM's ids (${JSON.stringify(broken)})`, broken.length === 0],
        ['some completions ended by themselves', looks.some(({ ended }) => ended > 0)],
      ])
    } finally {
      await vllm.stop()
    }
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The batch script of Slurm jobs: what it makes ready, what it refuses, and that the command comes through as it was given. */

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadRunConfig } from '../../src/config/parse.ts'

const SCRIPT = fileURLToPath(new URL('../../recipes/slurm-job.sh', import.meta.url))
const SAY = ['sh', '-c', 'printf "%s|" "$@" "$A"', 'say']
const WORDS = ["it's", '$(id)', 'two words', '*', '']

test('the worked example is a run, and its script and recipe are where it says', () => {
  const path = fileURLToPath(new URL('../../recipes/slurm/run.yaml', import.meta.url))
  const { config } = loadRunConfig(path)
  expect(config.train).toMatchObject({ kind: 'slurm', nodes: 2, script: '../slurm-job.sh' })
  for (const name of ['../slurm-job.sh', '../train_sft.py']) expect(existsSync(join(path, '..', name))).toBe(true)
})

describe.skipIf(process.platform === 'win32')('the batch script', () => {
  let folder = ''
  const at = (...names: string[]): string => join(folder, ...names)
  const program = (name: string, text: string): void => {
    writeFileSync(at('bin', name), `#!/bin/bash\n${text}\n`)
    chmodSync(at('bin', name), 0o755)
  }
  const run = (argv: readonly string[], added: Readonly<Record<string, string>> = {}) => {
    const env = { PATH: `${at('bin')}:/usr/bin:/bin`, ...added }
    const { status, stdout, stderr } = spawnSync('bash', [SCRIPT, ...argv], { cwd: folder, env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spendwise-script-'))
    for (const name of ['bin', 'venv/bin']) mkdirSync(at(name), { recursive: true })
    writeFileSync(at('venv/bin/activate'), 'A=from-venv; export A\n')
    writeFileSync(at('image.sif'), '')
    program('apptainer', 'printf "%s|" "$@"; echo; while [ "$1" != "$IMAGE" ]; do shift; done; shift; exec "$@"')
    program('scontrol', 'printf "node7\\nnode8\\n"')
    program('srun', 'echo "srun $1 $2 $3 $PET_NNODES $PET_RDZV_ID $PET_RDZV_ENDPOINT"; shift 4; exec "$@"')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('becomes the command, word by word, and ends with its code', () => {
    expect(run([...SAY, ...WORDS])).toMatchObject({ status: 0, stdout: `${WORDS.join('|')}||` })
    expect(run(['sh', '-c', 'exit 75']).status).toBe(75)
  })

  test('starts nothing for a job that was taken back', () => {
    const file = at('train.log.withdrawn')
    expect(run(SAY, { SPENDWISE_WITHDRAWN: file })).toMatchObject({ status: 0, stdout: '|' })
    writeFileSync(file, '')
    expect(run(SAY, { SPENDWISE_WITHDRAWN: file })).toMatchObject({
      status: 98,
      stdout: '',
      stderr: expect.stringContaining('is withdrawn; nothing was started'),
    })
    rmSync(file)
  })

  test('enters a Python environment', () => {
    expect(run(SAY, { SPENDWISE_VENV: at('venv') }).stdout).toBe('from-venv|')
    expect(run(SAY, { SPENDWISE_VENV: at('nowhere') })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not a Python environment'),
    })
  })

  test('loads modules, and says so when there are none to load', () => {
    const env = { SPENDWISE_MODULES: 'cuda/12.8 apptainer' }
    const missing = run(SAY, env)
    expect(missing.status).toBe(2)
    expect(missing.stderr).toMatch(/no module command here|module load .* failed/)
    const module = '() { echo "$@" >> modules; A=loaded; export A; }'
    expect(run(SAY, { ...env, 'BASH_FUNC_module%%': module }).stdout).toBe('loaded|')
    expect(run(SAY, { ...env, 'BASH_FUNC_module%%': '() { return 1; }' })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('module load cuda/12.8 apptainer failed'),
    })
  })

  test('runs the command in an image that sees the working directory', () => {
    const env = { SPENDWISE_CONTAINER: at('image.sif'), IMAGE: at('image.sif'), SPENDWISE_BIND: '/data' }
    const { stdout } = run([...SAY, ...WORDS], env)
    const [flags, said] = stdout.split('\n')
    expect(flags).toContain(`exec|--pwd|${folder}|--bind|${folder},/data|${at('image.sif')}|sh|`)
    expect(said).toBe(`${WORDS.join('|')}||`)
    expect(run(SAY, { SPENDWISE_CONTAINER: at('none.sif') })).toMatchObject({ status: 2 })
  })

  test('starts it once on each of several nodes, with what torchrun needs to join them', () => {
    const env = { SLURM_JOB_NUM_NODES: '2', SLURM_JOB_ID: '123', SLURM_JOB_NODELIST: 'node[7-8]' }
    expect(run([...SAY, ...WORDS], env)).toMatchObject({
      status: 0,
      stdout: `srun --nodes=2 --ntasks=2 --ntasks-per-node=1 2 123-0 node7:20123\n${WORDS.join('|')}||`,
    })
    expect(run(SAY, { ...env, MASTER_ADDR: 'ib0.node7', SLURM_RESTART_COUNT: '1' }).stdout).toContain(
      '123-1 ib0.node7:20123',
    )
    expect(run(['sh', '-c', 'exit 75'], env).status).toBe(75)
  })

  test('on several nodes passes TERM to the programs there, and waits for them', async () => {
    program('scancel', 'echo "scancel $@"; kill -TERM "$(cat task.pid)"')
    const task =
      'echo $$ > task.pid; trap "sleep 0.2; echo saved; exit 75" TERM; echo up; while true; do sleep 0.05; done'
    const env = { PATH: `${at('bin')}:/usr/bin:/bin`, SLURM_JOB_NUM_NODES: '2', SLURM_JOB_ID: '9' }
    const child = spawn('bash', [SCRIPT, 'sh', '-c', task], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (said.includes('up') === false && text.includes('up')) child.kill('SIGTERM')
      said += text
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(said).toContain('scancel --signal=TERM 9\nsaved\n')
    expect(code).toBe(75)
  })
})

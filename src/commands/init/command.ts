/** `spendwise init`: a run.yaml to start from, with the prompts and recipes it names. */

import { type Command, InvalidArgumentError } from 'commander'
import { PRESETS } from '../../config/presets.ts'
import { ConfigError } from '../../core/errors.ts'
import { writeResult } from '../options.ts'
import type { InitAnswers } from './interview.ts'

interface InitOptions extends InitAnswers {
  readonly preset?: string
  readonly force: boolean
  readonly yes?: boolean
}

const HELP = `
Examples:
  spendwise init my-run                                   asks for model, server, GPUs and data, at a terminal
  spendwise init my-run --yes --model Qwen/Qwen2.5-1.5B-Instruct --gpus 1x80 --data gsm8k
  spendwise init my-run --yes --model qwen --base-url http://10.0.0.5:8000/v1 --gpus 0 --data problems.jsonl
  spendwise init my-run --preset vllm                     a run.yaml of ours as it stands`

/** Adds the command; what it needs is loaded when it runs. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write a run.yaml to start from: asked for at a terminal, by flags, or from a preset')
    .argument('[dir]', 'directory to write into', '.')
    .option('--preset <name>', 'one of ours as it stands (see below); without a terminal or flags: quickstart')
    .option('--model <name>', 'directory of the weights, or their name on the Hugging Face Hub')
    .option('--base-url <url>', 'where it is served; "here" for a vLLM that spendwise starts')
    .option('--gpus <NxGB>', 'GPUs to train on and the memory of each, like 8x80; 0 for none')
    .option('--data <name>', 'gsm8k, a published set, OWNER/NAME on the Hub, or a file of problems')
    .option('--parameters <billions>', 'size of the model, where its name does not tell', billionsOf)
    .option('--yes', 'ask nothing: what no flag says is as suggested')
    .option('--force', 'replace a run.yaml that is there', false)
    .addHelpText('after', `${HELP}\n\nPresets:\n${presetList()}`)
    .action(async (directory: string, options: InitOptions) => {
      const { startRun, requireFree } = await import('./write.ts')
      const { preset, force, yes, ...answers } = options
      const isAnswered = Object.values(answers).some((value) => value !== undefined)
      const isAtTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true
      if (preset !== undefined && (isAnswered || yes)) {
        throw new ConfigError('--preset is a run.yaml as it stands, and goes with none of the other flags but --force.')
      }
      if (preset !== undefined || !(isAnswered || yes || isAtTerminal)) {
        const started = startRun(directory, preset ?? 'quickstart', force)
        await writeResult(`${started.written.join('\n')}\n`)
        process.stderr.write(`${adviceAfter(started.runFile, started.missing)}\n${started.advice}\n`)
        return
      }
      requireFree(directory, force)
      const { initByAnswers } = await import('./work.ts')
      const { started, outlook } = await initByAnswers(directory, answers, force, isAtTerminal && !yes)
      await writeResult(`${started.written.join('\n')}\n`)
      const lines = [...outlook, adviceAfter(started.runFile, started.missing), started.advice]
      process.stderr.write(`${lines.join('\n')}\n`)
    })
}

function billionsOf(value: string): number {
  const number = Number(value)
  if (!(number > 0 && number < 10_000)) throw new InvalidArgumentError('Give billions of parameters, like 1.5.')
  return number
}

function presetList(): string {
  return Object.entries(PRESETS)
    .map(([name, purpose]) => `  ${name.padEnd(24)}${purpose}`)
    .join('\n')
}

function adviceAfter(runFile: string, missing: readonly string[]): string {
  const needed = missing.length > 0 ? [`Still needed: ${missing.join(', ')}`] : []
  const commands = ['doctor', 'plan', 'run'].map((verb) => `  spendwise ${verb} ${runFile}`)
  return [...needed, 'Next:', ...commands].join('\n')
}

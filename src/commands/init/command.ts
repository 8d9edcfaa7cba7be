/** `spendwise init`: a run.yaml to start from, with the prompts and recipes it names. */

import type { Command } from 'commander'
import { PRESETS } from '../../config/presets.ts'
import { writeResult } from '../options.ts'

interface InitOptions {
  readonly preset: string
  readonly force: boolean
}

/** Adds the command; what it needs is loaded when it runs. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write a run.yaml to start from')
    .argument('[dir]', 'directory to write into', '.')
    .option('--preset <name>', 'which one (see below)', 'quickstart')
    .option('--force', 'replace a run.yaml that is there', false)
    .addHelpText('after', `\nPresets:\n${presetList()}`)
    .action(async (directory: string, options: InitOptions) => {
      const { startRun } = await import('./write.ts')
      const started = startRun(directory, options.preset, options.force)
      await writeResult(`${started.written.join('\n')}\n`)
      process.stderr.write(`${adviceAfter(started.runFile, started.missing)}\n${started.advice}\n`)
    })
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

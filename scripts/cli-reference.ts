/** docs/cli.md, written from the commands' own help so that it cannot drift from it. `node scripts/cli-reference.ts` rewrites the page. */

import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { createProgram } from '../src/commands/main.ts'

const HEAD = `# Command line

Every command and flag, as \`--help\` prints them.

    npm run -s spendwise -- --help          # in a checkout
    npx spendwise run --help                # installed

stdout is the result, stderr is the talk. \`--json\` prints for machines, \`NO_COLOR\` is obeyed, and progress is drawn on a terminal alone.
Keys of run.yaml are in [config.md](config.md).
`

/** Columns of the help on the page. */
const WIDTH = 118

/** The page: one chapter a command, in the order of the help. */
export function cliReference(): string {
  const program = createProgram()
  return [HEAD, ...chapters(program, 'spendwise')].join('\n')
}

function chapters(command: Command, path: string): string[] {
  const own = [`## ${path}`, '', '```text', helpOf(command), '```', '']
  const below = command.commands.filter((child) => child.name() !== 'help')
  return [...own, ...below.flatMap((child) => chapters(child, `${path} ${child.name()}`))]
}

/** What `--help` prints, examples included. */
function helpOf(command: Command): string {
  const parts: string[] = []
  command.configureHelp({ ...command.configureHelp(), helpWidth: WIDTH })
  command.configureOutput({ writeOut: (part) => void parts.push(part), getOutHasColors: () => false })
  command.outputHelp()
  return parts.join('').trimEnd()
}

if (import.meta.main) writeFileSync(new URL('../docs/cli.md', import.meta.url), cliReference())

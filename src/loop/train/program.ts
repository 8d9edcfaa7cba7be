/** Doctor's look at a trainer that is a program on this machine: is it there, are its files, is it passed what run.yaml states. */

import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { keyVariables } from '../../config/key-variables.ts'
import { optimizationNotPassed } from '../../config/not-passed.ts'
import type { RunConfig } from '../../config/schema.ts'
import type { Finding } from '../../core/finding.ts'
import type { ProgramOptions } from '../../train/program-trainer.ts'

/** Whose program, and where it starts. */
export interface ProgramInput {
  readonly config: RunConfig
  /** Run folder, absolute. */
  readonly directory: string
  /** Where run.yaml lies. */
  readonly configDirectory: string
}

/** What every engine that starts `train.command` is told. */
export function programOptions(
  { config, directory, configDirectory }: ProgramInput,
  { command, env }: Pick<ProgramOptions, 'command' | 'env'>,
): ProgramOptions {
  return { command, env, keys: keyVariables(config), cwd: configDirectory, directory }
}

/** Starts nothing: what a program needs itself it reports on its first job. */
export function checkProgram(input: ProgramInput, { command }: { readonly command: readonly string[] }): Finding[] {
  const missing = missingFiles(input, command)
  if (missing.length > 0) return missing
  const program = describeProgram(command[0] ?? '', input.configDirectory)
  return program.level === 'ok' ? [program, ...notPassed(input)] : [program]
}

/** A finding for scripts that the command names and that are not there; none where all are. */
export function missingFiles({ configDirectory }: ProgramInput, command: readonly string[]): Finding[] {
  const isFile = (argument: string): boolean => /^[\w./-]+\.(py|sh|js|ts|mjs)$/.test(argument)
  const missing = command
    .slice(1)
    .filter((argument) => isFile(argument) && !existsSync(resolve(configDirectory, argument)))
  if (missing.length === 0) return []
  return [
    {
      level: 'problem',
      subject: 'trainer',
      text: `train.command names ${missing.join(', ')}, which is not there (relative paths start at ${configDirectory}).`,
    },
  ]
}

/** A finding for optimisation that run.yaml states and the command is not passed. */
export function notPassed({ config }: ProgramInput): Finding[] {
  const keys = optimizationNotPassed(config)
  if (keys.length === 0) return []
  const text = `train.command is not passed ${keys.join(', ')}: the program uses values of its own.`
  return [{ level: 'note', subject: 'trainer', text }]
}

function describeProgram(program: string, configDirectory: string): Finding {
  return existsProgram(program, configDirectory)
    ? {
        level: 'ok',
        subject: 'trainer',
        text: `${program} is there; what it needs itself it will say on its first job.`,
      }
    : {
        level: 'unreachable',
        subject: 'trainer',
        text: `train.command starts ${program}, which is neither a program on the PATH nor a file; install it or correct the path.`,
      }
}

/** On the PATH, or as a file. */
export function existsProgram(program: string, configDirectory: string): boolean {
  const places =
    isAbsolute(program) || program.includes('/')
      ? [resolve(configDirectory, program)]
      : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

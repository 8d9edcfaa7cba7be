/** Doctor's look at this machine: the trainer's program, and the disk. */

import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { optimizationNotPassed } from '../../config/not-passed.ts'
import type { RunConfig } from '../../config/schema.ts'
import type { Finding } from './finding.ts'
import { describeSlurm } from './slurm.ts'

/** @param directory where the run would be written */
export async function describeTrainer(
  config: RunConfig,
  configDirectory: string,
  directory: string,
): Promise<Finding[]> {
  const { train } = config
  if (train.kind === 'none')
    return [
      {
        level: 'note',
        subject: 'trainer',
        text: 'train.kind is none: the run stops after one iteration and waits for a checkpoint made elsewhere.',
      },
    ]
  if (train.kind === 'embedded') return [{ level: 'ok', subject: 'trainer', text: 'The toy brings its own trainer.' }]
  const missing = missingFiles(train.command, configDirectory)
  if (missing.length > 0) {
    return [
      {
        level: 'problem',
        subject: 'trainer',
        text: `train.command names ${missing.join(', ')}, which is not there (relative paths start at ${configDirectory}).`,
      },
    ]
  }
  const findings =
    train.kind === 'slurm'
      ? [await describeSlurm(config, configDirectory, directory)]
      : [describeProgram(train.command[0] ?? '', configDirectory)]
  return findings.some(({ level }) => level !== 'ok') ? findings : [...findings, ...notPassed(config)]
}

function describeProgram(program: string, configDirectory: string): Finding {
  return findProgram(program, configDirectory)
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

function missingFiles(command: readonly string[], configDirectory: string): string[] {
  const isFile = (argument: string): boolean => /^[\w./-]+\.(py|sh|js|ts|mjs)$/.test(argument)
  return command.slice(1).filter((argument) => isFile(argument) && !existsSync(resolve(configDirectory, argument)))
}

function notPassed(config: RunConfig): Finding[] {
  const keys = optimizationNotPassed(config)
  if (keys.length === 0) return []
  const text = `train.command is not passed ${keys.join(', ')}: the program uses values of its own.`
  return [{ level: 'note', subject: 'trainer', text }]
}

function findProgram(program: string, configDirectory: string): boolean {
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

const LITTLE_BYTES = 5e9

export function describeDisk(scratch: string, config: RunConfig): Finding[] {
  const { bavail, bsize } = statfsSync(scratch)
  const free = bavail * bsize
  const text = `${(free / 1e9).toFixed(1)} GB are free at ${scratch}; up to ${config.keep.last + config.keep.best + 1} checkpoints lie there at a time.`
  return [{ level: free < LITTLE_BYTES && config.sample.kind !== 'embedded' ? 'problem' : 'ok', subject: 'disk', text }]
}

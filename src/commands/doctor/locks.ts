/** Doctor's look at the disk of the run's database: does it have locks, and does a rename take the place of what was there? */

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { resolveConfigPath } from '../../config/parse.ts'
import type { Finding } from '../../core/finding.ts'
import type { FoundRun } from '../../run/find-run.ts'
import { fileSystemOf, refusesLocks } from '../../store/lock.ts'
import { outsideFolder } from '../../store/place/place.ts'

/** Leaves nothing behind. */
export function describeLocks({ config, configPath, directory }: FoundRun): Finding[] {
  const written = config.database && resolveConfigPath(dirname(configPath), config.database)
  const database = nearest(outsideFolder(directory) ?? written ?? directory)
  const folder = nearest(directory)
  const finding = (level: Finding['level'], text: string): Finding => ({ level, subject: 'disk', text })
  const findings: Finding[] = []
  if (!takesRenames(folder)) {
    findings.push(
      finding(
        'problem',
        `A rename in ${folder} does not take the place of the older file; put the run on another disk.`,
      ),
    )
  }
  const kind = fileSystemOf(database)
  if (refusesLocks(database)) {
    const text = `The file system${kind} of ${database} refuses file locks, which the database needs; keep it on a local disk: run --database DIR, or database: DIR in run.yaml.`
    return [...findings, finding('problem', text)]
  }
  return [
    ...findings,
    finding('ok', `Locks and renames work at ${database === folder ? folder : `${database} and ${folder}`}.`),
  ]
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder))
}

function takesRenames(parent: string): boolean {
  const folder = mkdtempSync(join(parent, '.spendwise-rename-'))
  try {
    writeFileSync(join(folder, 'file'), 'old')
    writeFileSync(join(folder, 'file.tmp'), 'new')
    renameSync(join(folder, 'file.tmp'), join(folder, 'file'))
    return readFileSync(join(folder, 'file'), 'utf8') === 'new' && !existsSync(join(folder, 'file.tmp'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

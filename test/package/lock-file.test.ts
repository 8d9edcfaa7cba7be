/** What npm ci installs is what was tried, byte for byte; and package.json promises no older Node than its packages need. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROJECT } from '../source-text.ts'

interface LockedPackage {
  readonly version: string
  readonly resolved?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly engines?: { readonly node?: string }
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly engines: { readonly node: string }
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest: Manifest = JSON.parse(readFileSync(`${PROJECT}/package.json`, 'utf8'))
const lock: { packages: Readonly<Record<string, LockedPackage & Partial<Manifest>>> } = JSON.parse(
  readFileSync(`${PROJECT}/package-lock.json`, 'utf8'),
)
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')

test('every locked package has its integrity hash, and none an address of its own', () => {
  expect(packages.length).toBeGreaterThan(100)
  // A git address, a folder or another server stands under `resolved`; what the registry gives has none here.
  const bad = packages.filter(
    ([, { integrity, resolved }]) => !integrity?.startsWith('sha512-') || resolved !== undefined,
  )
  expect(bad.map(([path]) => path)).toEqual([])
})

test('what package.json asks for is pinned, and is what is locked', () => {
  const { name, version, engines, dependencies, devDependencies } = manifest
  expect(lock.packages['']).toMatchObject({ name, version, engines, dependencies, devDependencies })
  for (const [wanted, pinned] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(pinned, wanted).toMatch(/^\d+\.\d+\.\d+$/)
    expect(lock.packages[`node_modules/${wanted}`]?.version, wanted).toBe(pinned)
  }
})

test('no package of an installation needs a newer Node than spendwise says', () => {
  const ours = leastOf(manifest.engines.node) ?? [0, 0]
  const newer = packages.filter(([, { dev, engines }]) => {
    const theirs = dev === true ? undefined : leastOf(engines?.node)
    return theirs !== undefined && (theirs[0] > ours[0] || (theirs[0] === ours[0] && theirs[1] > ours[1]))
  })
  expect(newer.map(([path, { engines }]) => [path, engines?.node])).toEqual([])
})

/** Major and minor of the newest Node among the alternatives of a range, as all of them allow it: `^18 || >=20.1` is 20.1. */
function leastOf(range: string | undefined): [number, number] | undefined {
  const [major, minor] = range?.split('||').at(-1)?.match(/\d+/g)?.map(Number) ?? []
  return major === undefined ? undefined : [major, minor ?? 0]
}

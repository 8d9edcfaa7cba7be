#!/usr/bin/env node
// The door for people: plain JavaScript, so that a Node that is too old gets a sentence and not a syntax error.
import { existsSync } from 'node:fs'
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `spendwise needs Node 22.18 or newer; this is ${process.versions.node}. From a checkout, use npm run -s spendwise -- ARGS, which brings its own Node.\n`,
  )
  process.exit(2)
}
// Halves the time to start: what has been compiled once is kept in the system's temporary folder.
const { directory } = module.enableCompileCache()
// Threads and programs started from here ask the environment for it.
if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory
const source = new URL('../src/commands/main.ts', import.meta.url)
const built = new URL('../dist/commands/main.js', import.meta.url)
// Node refuses to strip types below node_modules, so an installed package runs its build.
const { main } = await import(existsSync(source) ? source.href : built.href)
await main(process.argv)

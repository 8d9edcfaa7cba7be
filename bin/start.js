// What bin/spendwise.js starts where Node is new enough.
import { existsSync } from 'node:fs'
import module from 'node:module'

// Halves the time to start: what has been compiled once is kept in the system's temporary folder.
const { directory } = module.enableCompileCache()
// Threads and programs started from here ask the environment for it.
if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory
const source = new URL('../src/commands/main.ts', import.meta.url)
const built = new URL('../dist/commands/main.js', import.meta.url)
// Node refuses to strip types below node_modules, so an installed package runs its build.
const entry = [source, built].find((file) => existsSync(file))
if (entry === undefined) {
  process.stderr.write(
    'This package of spendwise was packed without its build; pack it again with npm pack, which builds it.\n',
  )
  process.exitCode = 2
} else {
  const { main } = await import(entry.href)
  await main(process.argv)
}

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { endOnOldNode } from './test/old-node.ts'

endOnOldNode()
// Each file has a process of its own, and a third of its start was compiling vitest again; this is where Node itself would keep it.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache')

/** What a test file of these leaves behind, no other can meet: they share a process, whose start costs more than most of them. */
const SHARING = [
  'client',
  'config',
  'core',
  'embedded',
  'export',
  'hub',
  'jobs',
  'loop',
  'problems',
  'process',
  'prompt',
  'recipes',
  'report',
  'run',
  'sample',
  'scripts',
  'serve',
  'simulate',
  'store',
  'train',
  'verify',
  'view',
].map((room) => `test/${room}/**/*.test.ts`)
const LATER = ['test/**/*.slow.test.ts', 'test/**/*.stack.test.ts', 'node_modules/**']

// Two cores are the smallest machine we promise to pass on; a third of the time a file waits for servers and jobs that it has started.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 4,
    globalSetup: ['test/program.ts'],
    // What a hung test costs. Those that start whole runs name a longer time themselves (test/long.ts).
    setupFiles: ['test/long.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    projects: [
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: [...LATER, ...SHARING] } },
      { extends: true, test: { name: 'sharing', include: SHARING, exclude: LATER, isolate: false } },
    ],
  },
})

import { defineConfig } from 'vitest/config'
import { endOnOldNode } from './test/old-node.ts'

endOnOldNode()

// Two cores are the smallest machine we promise to pass on, and several tests start real servers and real jobs.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.slow.test.ts', 'test/**/*.stack.test.ts', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 3,
    globalSetup: ['test/program.ts'],
    // What a hung test costs. Those that start whole runs name a longer time themselves (test/long.ts).
    setupFiles: ['test/long.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
})

import { defineConfig } from 'vitest/config'

// Two cores are the smallest machine we promise to pass on, and several tests start real servers and real jobs.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.slow.test.ts', 'test/**/*.stack.test.ts', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 3,
    // A process a file costs a quarter of a second, and reading the sources again as much: the files share three processes, so
    // what one of them changes in its own (environment, clock) it has to put back.
    isolate: false,
    // No time that a test needs, but that a machine ten times slower for a moment does not reach.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})

import { defineConfig } from 'vitest/config'

// Two cores are the smallest machine we promise to pass on, and several tests start real servers and real jobs.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.slow.test.ts', 'test/**/*.stack.test.ts', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 3,
    // No time that a test needs, but that a machine ten times slower for a moment does not reach.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})

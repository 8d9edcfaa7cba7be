import { defineConfig } from 'vitest/config'

// Two cores are the smallest machine we promise to pass on, and several tests start real servers and real jobs.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.slow.test.ts', 'test/**/*.stack.test.ts', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})

import { defineConfig } from 'vitest/config'

// Parts of `npm run test:stack` that are many tests: they need programs that not every machine has.
export default defineConfig({
  test: {
    include: ['test/stack/*.stack.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    // They wait for schedulers and time limits more than they compute.
    maxConcurrency: 4,
    testTimeout: 1_800_000,
    hookTimeout: 300_000,
  },
})

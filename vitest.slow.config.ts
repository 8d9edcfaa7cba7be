import { defineConfig } from 'vitest/config'
import { endOnOldNode } from './test/old-node.ts'

endOnOldNode()

// The long ones: hundreds of kills, fuzzing, statistics. Run with `npm run test:slow`.
export default defineConfig({
  test: {
    include: ['test/**/*.slow.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
})

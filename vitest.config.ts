import { defineConfig } from 'vitest/config'
import { endOnOldNode } from './test/old-node.ts'

endOnOldNode()

/** Values in, values out: nothing that a file of these does can be met by the next one, so that they share a process. */
const PURE = ['core', 'config', 'export', 'prompt', 'report', 'simulate'].map((room) => `test/${room}/**/*.test.ts`)
const LATER = ['test/**/*.slow.test.ts', 'test/**/*.stack.test.ts', 'node_modules/**']

// Two cores are the smallest machine we promise to pass on, and several tests start real servers and real jobs.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    globalSetup: ['test/program.ts'],
    // What a hung test costs. Those that start whole runs name a longer time themselves (test/long.ts).
    setupFiles: ['test/long.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    projects: [
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: [...LATER, ...PURE] } },
      { extends: true, test: { name: 'pure', include: PURE, exclude: LATER, isolate: false } },
    ],
  },
})

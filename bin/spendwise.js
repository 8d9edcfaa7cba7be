#!/usr/bin/env node
// The door for people: JavaScript that any Node with modules can read, so that one that is too old gets a sentence and no stack.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 19)) {
  import('./start.js')
} else {
  const advice = import.meta.url.includes('/node_modules/')
    ? 'Install Node 24, or npm install node@24 in the folder that spendwise is installed in.'
    : 'From a checkout, npm ci && npm run -s spendwise -- ARGS brings its own Node.'
  process.stderr.write(`spendwise needs Node 22.19 or newer; this is ${process.versions.node}. ${advice}\n`)
  process.exitCode = 2
}

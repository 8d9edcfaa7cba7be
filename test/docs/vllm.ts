/**
 * What stands in for `vllm serve CHECKPOINT --served-model-name NAME --port N --generation-config vllm …`: the strict test server in this
 * process, which knows the problems of the files that KNOWN_PROBLEMS names (with `:` between them).
 */

const [node = '', program = '', command, checkpoint = '', ...flags] = process.argv
if (command !== 'serve') {
  console.error(`vllm: ${command} is not a command`)
  process.exit(2)
}
const at = flags.indexOf('--generation-config')
if (at >= 0) flags.splice(at, 2)
const known = (process.env.KNOWN_PROBLEMS ?? '').split(':').flatMap((file) => ['--problems', file])
process.argv = [node, program, '--checkpoint', checkpoint, ...flags, ...known]
await import('../server/main.ts')

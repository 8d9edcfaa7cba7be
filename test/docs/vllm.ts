/**
 * What stands in for `vllm serve CHECKPOINT --served-model-name NAME --port N --generation-config vllm …`: the strict test server in this
 * process, which knows the problems of the files that KNOWN_PROBLEMS names (with `:` between them).
 */

const [node = '', program = '', command, checkpoint = '', ...flags] = process.argv
if (command !== 'serve') {
  console.error(`vllm: ${command} is not a command`)
  process.exit(2)
}
/** vLLM's flags that the test server has no use for, with how many words each takes. */
const LEFT_OUT: Readonly<Record<string, number>> = {
  '--generation-config': 2,
  '--host': 2,
  '--max-model-len': 2,
  '--max-num-batched-tokens': 2,
  '--enforce-eager': 1,
}
for (const [flag, words] of Object.entries(LEFT_OUT)) {
  const at = flags.indexOf(flag)
  if (at >= 0) flags.splice(at, words)
}
const known = (process.env.KNOWN_PROBLEMS ?? '').split(':').flatMap((file) => ['--problems', file])
process.argv = [node, program, '--checkpoint', checkpoint, ...flags, ...known]
await import('../server/main.ts')

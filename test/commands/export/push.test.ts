import { expect, test } from 'vitest'
import { createWorkplace, makeProblems, toRows } from '../../loop/workplace.ts'
import { createHubServer } from '../../server/hub-server.ts'
import { createTestServer } from '../../server/openai-server.ts'

test('what a run made is pushed to the Hub as a dataset, and problems come from there', async () => {
  const place = createWorkplace()
  const problems = makeProblems(12)
  const model = await createTestServer({ problems, seed: 1, skill: 1 })
  const hub = await createHubServer({ token: 'hf_writer' })
  const env = { HF_ENDPOINT: hub.url, HF_TOKEN: 'hf_writer', HF_HUB_CACHE: place.at('cache'), HF_HUB_OFFLINE: '' }
  const commit = hub.put('open/sums', { 'data/train.jsonl': toRows(problems) })
  try {
    place.write(
      'run.yaml',
      `problems: { train: [{ dataset: hub, repo: open/sums }] }
sample: { endpoints: [{ baseURL: "${model.baseURL}", model: test-model }] }
budget: { policy: { kind: constant, initial: 8 }, iterations: 1 }
train: { kind: none }
`,
    )
    const planned = await place.run(['plan', 'run.yaml'], { env })
    expect(planned.stderr).toContain('hub:open/sums  has not been fetched yet')
    expect(planned.code).toBe(0)
    const run = await place.run(['run', 'run.yaml'], { env })
    expect(run.stderr).toContain(`hub:open/sums is at commit ${commit}.`)
    expect(run.code).toBe(0)
    const stray = await place.run(['export', 'run.yaml', '--out', 'sft.jsonl', '--push', 'me/traces'], { env })
    expect([stray.code, stray.stderr]).toEqual([2, expect.stringContaining('--push takes a dataset folder')])
    const pushed = await place.run(['export', 'run.yaml', '--out', 'set/', '--push', 'me/traces'], { env })
    expect(pushed.stderr).toMatch(/files pushed to http:\S+\/datasets\/me\/traces, commit [0-9a-f]{40}\./)
    expect(JSON.parse(pushed.stdout)).toMatchObject({ rows: 8, pushed: { repo: 'me/traces', isNew: true } })
    const files = hub.files('me/traces')
    expect([...files.keys()]).toEqual(expect.arrayContaining(['README.md', 'manifest.json']))
    const rows = [...files].filter(([path]) => path.endsWith('.jsonl')).map(([, content]) => content.toString('utf8'))
    expect(rows.join('').trimEnd().split('\n')).toHaveLength(8)
    expect(pushed.stderr + pushed.stdout).not.toContain('hf_writer')
  } finally {
    await model.close()
    await hub.close()
    place.remove()
  }
})

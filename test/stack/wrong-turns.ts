/** What newcomers get wrong, on purpose: the lines that they type, and what the one sentence they get has to tell them to do. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeProblems, toRows } from '../loop/workplace.ts'
import { createTestServer } from '../server/openai-server.ts'

export interface WrongTurn {
  readonly title: string
  /** Files that it stands on, by name. */
  readonly files?: Readonly<Record<string, string>>
  readonly sh: string
  readonly code: number
  /** What has to be in the last sentence: what is wrong, and what to do. */
  readonly says: readonly RegExp[]
}

export interface WrongTurns {
  readonly turns: readonly WrongTurn[]
  close(): Promise<void>
}

const PROBLEMS = makeProblems(40)
const DONE = 'wrong/done.yaml'

/** The servers that they meet, and the turns themselves; a run that `done.yaml` has ended is there for some of them. */
export async function openWrongTurns(): Promise<WrongTurns> {
  const good = await createTestServer({ modelNames: ['base'], skill: 2, problems: PROBLEMS })
  const locked = await createTestServer({ modelNames: ['base'], skill: 2, problems: PROBLEMS, apiKey: 'right-key' })
  const html = await listen(
    createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><html><title>Sign in</title></html>')
    }),
  )
  const at = (url: string): string => url.replace(/\/v1$/, '')
  const run = (name: string, more: Partial<Parts> = {}): Readonly<Record<string, string>> => ({
    [`wrong/${name}.yaml`]: runYaml(name, { baseURL: good.baseURL, ...more }),
    'wrong/problems.jsonl': toRows(PROBLEMS),
  })
  const turn = (title: string, sh: string, code: number, says: readonly RegExp[], files = {}): WrongTurn => ({
    title,
    files,
    sh,
    code,
    says,
  })
  const runs = (name: string, title: string, code: number, says: readonly RegExp[], more: Partial<Parts>): WrongTurn =>
    turn(title, `spendwise run wrong/${name}.yaml --quiet`, code, says, run(name, more))
  return {
    turns: [
      turn('(a run that is right)', `spendwise run ${DONE} --quiet`, 0, [], run('done')),
      runs('no-v1', 'a baseURL without /v1', 3, [/baseURL/, /\/v1/], { baseURL: at(good.baseURL) }),
      runs('html', 'a page for people in place of an API', 3, [/baseURL/, /\/v1/], { baseURL: `${html.url}/v1` }),
      runs(
        'nobody',
        'a server that has not been started',
        3,
        [/no server answers|no server|ECONNREFUSED/i, /start|write baseURL/],
        {
          baseURL: 'http://127.0.0.1:9/v1',
        },
      ),
      runs('model', 'a model that the server does not serve', 3, [/other-name/, /base/], { model: 'other-name' }),
      runs('key', 'no key where the server wants one', 3, [/401|key/, /apiKeyEnv/], { baseURL: locked.baseURL }),
      runs('unset', 'a key whose variable is not set', 2, [/NO_SUCH_VARIABLE/, /is empty/], {
        baseURL: locked.baseURL,
        endpoint: ', apiKeyEnv: NO_SUCH_VARIABLE',
      }),
      runs('in-file', 'the key itself in the file', 2, [/apiKeyEnv/, /variable/], {
        endpoint: ', apiKeyEnv: sk-1234567890abcdef',
      }),
      runs('dies', 'a server that dies while it starts', 3, [/the weights cannot be loaded/, /server\.log/], {
        more: `base: models/none\nserve: { kind: restart, command: [sh, -c, 'echo the weights cannot be loaded >&2; exit 1', "{checkpoint}", "{name}", "{port}"] }\n`,
        baseURL: 'http://127.0.0.1:18999/v1',
      }),
      runs('no-program', 'a server program that is not there', 3, [/no-such-vllm/, /serve\.command/], {
        more: `base: models/none\nserve: { kind: restart, command: [no-such-vllm, "{checkpoint}", "{name}", "{port}"] }\n`,
        baseURL: 'http://127.0.0.1:18998/v1',
      }),
      turn('a typo in a key', 'spendwise run wrong/typo.yaml', 2, [/typo\.yaml:\d+/, /did you mean temperature\?/], {
        ...run('typo', { sample: ', temprature: 1' }),
      }),
      turn(
        'a word where a number belongs',
        'spendwise plan wrong/type.yaml',
        2,
        [/type\.yaml:\d+/, /initial is "ten"/],
        {
          ...run('type', { initial: 'ten' }),
        },
      ),
      turn('YAML that breaks off', 'spendwise run wrong/yaml.yaml', 2, [/yaml\.yaml:\d+/, /not valid YAML/], {
        'wrong/yaml.yaml': 'problems: [\n  a: {\n',
      }),
      turn('a placeholder with a typo', 'spendwise run wrong/place.yaml', 2, [/\{datset\}/, /dataset/], {
        ...run('place', { more: 'train: { kind: command, command: [sft, "{dataset}", "{output}", "{datset}"] }\n' }),
      }),
      turn(
        'a trainer that is not there',
        'spendwise run wrong/trainer.yaml --quiet',
        3,
        [/no-such-trainer/, /train\.command/],
        {
          ...run('trainer', {
            more: 'train: { kind: command, command: [no-such-trainer, "{dataset}", "{output}"] }\n',
          }),
        },
      ),
      turn('a trainer that fails', 'spendwise run wrong/fails.yaml --quiet', 1, [/out of memory/, /train\.log/], {
        ...run('fails', {
          more: `train: { kind: command, command: [sh, -c, 'echo CUDA out of memory >&2; exit 3', "{dataset}", "{output}"] }\n`,
        }),
      }),
      turn(
        'a trainer that writes no checkpoint',
        'spendwise run wrong/empty.yaml --quiet',
        1,
        [/checkpoint|metrics\.json/],
        {
          ...run('empty', { more: `train: { kind: command, command: [sh, -c, 'exit 0', "{dataset}", "{output}"] }\n` }),
        },
      ),
      turn('problems that are not there', 'spendwise run wrong/lost.yaml', 2, [/lost\.jsonl/, /does not exist/], {
        ...run('lost', { problems: 'lost.jsonl' }),
      }),
      turn(
        'golds that nobody can check',
        'spendwise problems import jsonl wrong/proofs.jsonl --out proofs-out.jsonl',
        2,
        [/proof/],
        {
          'wrong/proofs.jsonl': '{"question":"Show that 1 = 1.","answer":"proof"}\n',
        },
      ),
      turn('a dataset that the Hub does not have', 'spendwise problems import hub:openai/gsm9k --out x.jsonl', 2, [
        /openai\/gsm9k/,
      ]),
      turn(
        'a split that the dataset does not have',
        'spendwise problems import hub:openai/gsm8k --config main --split dev --out x.jsonl',
        2,
        [/dev/, /train.*test|test.*train/],
      ),
      turn('a run.yaml that is not there', 'spendwise run nothing.yaml', 2, [/nothing\.yaml/, /spendwise init/]),
      turn('a command with a typo', 'spendwise rnu wrong/done.yaml', 2, [/Did you mean run\?/]),
      turn('a fork of nothing', 'spendwise fork nothing --at 1', 2, [/nothing/, /run folder|spendwise init/]),
      turn('a fork from an iteration that never was', 'spendwise fork done --at 7', 2, [/no finished iteration 6/]),
      turn('an export into a folder that is not there', 'spendwise export done --out missing/x.jsonl', 2, [
        /missing/,
        /make|create|does not exist/,
      ]),
      turn(
        'an export of what has not been run',
        'spendwise export wrong/never.yaml --out x.jsonl',
        2,
        [/not been run/, /spendwise run/],
        {
          ...run('never'),
        },
      ),
      turn(
        'a second run with the name of the first',
        'spendwise run wrong/second.yaml --quiet',
        2,
        [/done/, /another name|name:/],
        {
          'wrong/second.yaml': runYaml('done', { baseURL: good.baseURL, problems: 'second.jsonl' }),
          'wrong/second.jsonl': toRows(makeProblems(40, 900), 'q'),
        },
      ),
      turn('another seed in the middle', `spendwise run ${DONE} --quiet --set seed=2`, 2, [/seed/, /another name/]),
      turn(
        'other problems under the old name',
        `sed -i 's/plus/minus/' wrong/problems.jsonl; spendwise run ${DONE} --quiet`,
        2,
        [/problems\.jsonl/, /another name|put the file back/],
      ),
      turn('a cap that is reached', 'spendwise run wrong/capped.yaml --quiet', 4, [/cap|caps/, /--set/], {
        ...run('capped', { budget: ', caps: { samples: 5 }' }),
      }),
      turn(
        'a place where nothing can be written',
        `spendwise run wrong/proc.yaml --dir /proc/x`,
        2,
        [/\/proc/, /another place/],
        {
          ...run('proc'),
        },
      ),
      turn('pairs that are not there', 'spendwise verify --pairs wrong/none.jsonl', 2, [/none\.jsonl/]),
    ],
    async close() {
      await good.close()
      await locked.close()
      await html.close()
    },
  }
}

interface Parts {
  readonly baseURL: string
  readonly model: string
  readonly endpoint: string
  readonly sample: string
  readonly initial: string
  readonly budget: string
  readonly problems: string
  readonly more: string
}

function runYaml(name: string, parts: Partial<Parts>): string {
  const { baseURL, model = 'base', endpoint = '', sample = '', initial = '8', budget = '' } = parts
  const { problems = 'problems.jsonl', more = 'train: none\n' } = parts
  return `name: ${name}
problems: { train: [{ dataset: jsonl, path: ${problems} }] }
sample: { endpoints: [{ baseURL: "${baseURL}", model: ${model}${endpoint} }], maxTokens: 200, unreachableSeconds: 3${sample} }
budget: { policy: { kind: constant, initial: ${initial} }, iterations: 1${budget} }
${more.includes('train:') ? '' : 'train: none\n'}${more}`
}

async function listen(server: Server): Promise<{ readonly url: string; close(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

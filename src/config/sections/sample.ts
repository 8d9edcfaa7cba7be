/** The `sample` section of run.yaml: whom to ask, and how to draw. */

import { z } from 'zod'
import { ATTEMPTS } from '../../core/sampler.ts'
import { isPlainHttpUrl, rootOfRoute } from '../base-url.ts'

export const SAMPLE_KINDS = ['openai', 'huggingface', 'embedded'] as const
export const SAMPLE_APIS = ['chat', 'completions'] as const

export const REASONING_CHOICES = ['join', 'drop', 'refuse'] as const

/** What the request's body holds already, by keys of run.yaml. */
const WRITTEN_FIELDS = [
  'model',
  'messages',
  'prompt',
  'temperature',
  'top_p',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'seed',
  'n',
  'stream',
  'stream_options',
  'cache_salt',
  'return_token_ids',
  'chat_template_kwargs',
] as const

function writtenFields(body: object): string[] {
  return WRITTEN_FIELDS.filter((name) => name in body)
}

export const endpointSchema = z.strictObject({
  baseURL: z
    .string()
    .refine(isPlainHttpUrl, {
      error:
        'it must be an http or https URL without a user or password. Write for example baseURL: "http://127.0.0.1:8000/v1".',
    })
    .refine((url) => rootOfRoute(url) === undefined, {
      error: ({ input }) =>
        `it is the address of a route and not the root of the API. Write baseURL: "${rootOfRoute(String(input))}".`,
    })
    .describe('Root of the API, with its `/v1`.')
    .meta({ format: 'uri', examples: ['http://127.0.0.1:8000/v1'] }),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
      error:
        'it must be the name of an environment variable, never the key itself. Write for example apiKeyEnv: VLLM_API_KEY.',
    })
    .optional()
    .describe('Environment variable that holds the key; left out, a placeholder key is sent.'),
  model: z
    .string()
    .min(1)
    .describe('Served name of the model.')
    .meta({ examples: ['base'] }),
  weight: z.number().positive().optional().describe("Share of the work next to the other endpoints'; left out, 1."),
  concurrency: z
    .union([z.literal('auto'), z.int().min(1)], {
      error: 'it must be auto or a whole number of at least 1. Leave it out for auto.',
    })
    .optional()
    .describe('Most requests in flight here; left out, what `sample.concurrency` says.'),
})

export const sampleSection = z.strictObject({
  kind: z
    .enum(SAMPLE_KINDS)
    .default('openai')
    .describe(
      '`openai`: vLLM and every server that speaks its protocol; `huggingface`: its inference providers and dedicated endpoints; `embedded`: the toy model that is shipped.',
    ),
  provider: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'For `huggingface`: the provider that its router asks (`auto` lets it choose), with `baseURL: https://router.huggingface.co/v1`; null = a dedicated endpoint at its own `baseURL`.',
    ),
  api: z
    .enum(SAMPLE_APIS)
    .default('chat')
    .describe('`chat` for models with a chat template, `completions` for base models (together with `stop`).'),
  endpoints: z
    .array(endpointSchema)
    .default([])
    .describe('Servers to spread requests over; needed unless the kind is `embedded`.'),
  temperature: z.number().min(0).default(1).describe('Sampling temperature; 0 is greedy.'),
  topP: z.number().gt(0).max(1).default(1).describe('Nucleus: share of the probability mass to draw from.'),
  topK: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Draw from the k likeliest tokens; null = the server's default, off."),
  maxTokens: z
    .int()
    .min(1)
    .default(512)
    .describe('Longest completion, in tokens; a longer one is cut and never accepted.'),
  stop: z.array(z.string().min(1)).default([]).describe('Texts that end a completion.'),
  templateKwargs: z
    .record(z.string(), z.json())
    .default({})
    .describe(
      'What the chat template is told, such as `{enable_thinking: false}`; sent as `chat_template_kwargs` and given to the recipe.',
    ),
  extraBody: z
    .record(z.string(), z.json())
    .refine((body) => writtenFields(body).length === 0, {
      error: `it holds a field that spendwise writes itself (${WRITTEN_FIELDS.join(', ')}). Use the key of run.yaml for it.`,
    })
    .default({})
    .describe('Fields for the body of every request beyond those of spendwise, such as `{presence_penalty: 0.5}`.'),
  reasoning: z
    .enum(REASONING_CHOICES)
    .default('join')
    .describe(
      'Thinking that the server keeps in a field of its own: `join` puts it before the answer as the model wrote it, `drop` leaves it out (such traces are not trained on without `--allow-altered`), `refuse` stops.',
    ),
  concurrency: z
    .union([z.literal('auto'), z.int().min(1)], {
      error: 'it must be auto or a whole number of at least 1. Leave it out for auto.',
    })
    .default('auto')
    .describe('Requests in flight, all endpoints together: `auto` finds the useful number, a number is the ceiling.'),
  stream: z
    .boolean()
    .default(false)
    .describe('Answers as streams: a server then notices at once when a request is given up (docs/sampling.md).'),
  timeoutSeconds: z.number().positive().default(3600).describe('Longest wait for one request.'),
  attempts: z.int().min(1).default(ATTEMPTS).describe('Tries of one request before it is stored as failed.'),
  unreachableSeconds: z
    .number()
    .positive()
    .default(60)
    .describe(
      'Longest absence of a server that has answered before, as while it restarts; one that has never answered is given 2 seconds, one that spendwise starts itself 5.',
    ),
  refusedSeconds: z
    .number()
    .positive()
    .default(3600)
    .describe(
      'Longest time that all servers may refuse every request (429, 503), as where a quota is used up, before the run stops with exit code 3; it is resumed by the same command.',
    ),
  giveUpAfter: z
    .int()
    .min(1)
    .default(5000)
    .describe('Completions in a row without an accepted one before the run stops.'),
})

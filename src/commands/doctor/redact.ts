/**
 * Takes secrets out of what leaves the machine: known ones wherever they stand, and whatever stands where secrets do. Pure.
 *
 * Rather too much than too little: a value that is taken out can be asked for, one that was sent cannot be taken back.
 */

export const REDACTED = '[redacted]'

/** Names that hold a secret, of variables, flags, fields and parameters: `HF_TOKEN`, `--api-key`, `accessToken`, `X-Amz-Signature`. */
const SECRET_NAME =
  /(key|token|secret|passw(or)?d|passphrase|credentials?|authorization|cookie|signature|sig|auth|pat)$/i
/** Names that end so and hold none. */
const HARMLESS_NAME = /^(auth|pat)$|KeyEnv$|_token_?ids?$|(pad|eos|bos|unk|stop|max|min|num)[-_]?token$/i

/** Shorter values would take words out of sentences. */
const SHORTEST = 4

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name)
}

export interface RedactorOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Variables that run.yaml names as keys. */
  readonly keyVariables: readonly string[]
  /** Written as `~`. */
  readonly home: string
}

/** Redacts texts by what this process knows. */
export function createRedactor({ env, keyVariables, home }: RedactorOptions): (text: string) => string {
  const named = new Set(keyVariables)
  const secrets = Object.entries(env)
    .filter(([name]) => named.has(name) || isSecretName(name))
    .flatMap(([, value = '']) => formsOf(value.trim()))
    .filter((value) => value.length >= SHORTEST)
    // The longer first: one may hold another.
    .sort((a, b) => b.length - a.length)
  return (text) => {
    const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text)
    const bare = PATTERNS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), known)
    return home.length > 1 ? bare.replaceAll(home, '~') : bare
  }
}

/** As it stands, as it stands in an address, and as it stands in a header of basic authentication. */
function formsOf(value: string): string[] {
  return [value, encodeURIComponent(value), Buffer.from(value).toString('base64'), JSON.stringify(value).slice(1, -1)]
}

const NAME = '[\\w.-]*(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|authorization|cookie|signature|sig)'

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // User and password of an address.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s"'@]+@/gi, `$1${REDACTED}@`],
  // Parameters of an address.
  [new RegExp(`([?&;]${NAME}=)[^&\\s"'#]+`, 'gi'), `$1${REDACTED}`],
  // Headers.
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${REDACTED}`],
  [
    /\b((?:proxy-)?authorization|x-api-key|api-key|(?:set-)?cookie)(["']?\s*[:=]\s*["']?)(?!\[redacted)[^"'\n]+/gi,
    `$1$2${REDACTED}`,
  ],
  // Flags and variables of a command line: --api-key VALUE, --token=VALUE, HF_TOKEN=VALUE.
  [new RegExp(`(--?${NAME}(?:[ =]|",?\\s*"|'\\s*'))(?!\\{|-|\\[redacted)[^\\s"',\\]]+`, 'gi'), `$1${REDACTED}`],
  [new RegExp(`(\\b${NAME}=)(?!\\{|\\[redacted)[^\\s"',\\]&]+`, 'gi'), `$1${REDACTED}`],
  // Keys of well-known makers.
  [/\b(sk|pk|rk)-[\w-]{8,}|\b(hf|ghp|gho|ghs|glpat|xox[abprs]|r8|wandb)[_-][\w-]{8,}|\bgithub_pat_\w{8,}/g, REDACTED],
  [/\bA(KIA|SIA)[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
]

/**
 * A configuration, or a part of one, without its secrets: values of fields with a secret's name, words of a command after such a
 * flag, and all values that are added to an environment.
 */
export function redactValue(value: unknown, redact: (text: string) => string, name = ''): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (isSecretName(name)) return REDACTED
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) {
    return value.map((one, i) =>
      redactValue(one, redact, isFlag(value[i - 1]) && !isFlag(one) ? String(value[i - 1]) : ''),
    )
  }
  if (typeof value !== 'object') return undefined
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      redact(key),
      name === 'env' && typeof one === 'string' ? REDACTED : redactValue(one, redact, key),
    ]),
  )
}

function isFlag(word: unknown): boolean {
  return typeof word === 'string' && /^-{1,2}[A-Za-z]/.test(word)
}

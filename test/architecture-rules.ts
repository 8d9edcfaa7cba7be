/** What the architecture test keeps: which room may import which, where each package lives, and how large files and folders may be. */

export const BROWSER = 'src/view/page/'

/**
 * Room to the rooms it may import, in addition to itself. Leaf rooms know `core` alone (those that write
 * files also `disk`, those that start programs also `process` and `jobs`), and meet in `run` (a run on disk), `loop` (the
 * engine) and `commands`; `run` knows neither of these two, and `loop` no command.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  disk: ['core'],
  process: ['core'],
  config: ['core'],
  client: ['core'],
  embedded: ['core', 'disk'],
  export: ['core', 'disk'],
  hub: ['core', 'disk'],
  problems: ['core', 'disk'],
  prompt: ['core'],
  report: ['core'],
  sample: ['core'],
  simulate: ['core'],
  store: ['core'],
  verify: ['core'],
  serve: ['core', 'jobs', 'process'],
  jobs: ['core', 'disk', 'process'],
  train: ['core', 'jobs', 'process'],
  view: ['config', 'core', 'prompt', 'report', 'run', 'store', 'verify'],
  run: ['config', 'core', 'disk', 'export', 'problems', 'prompt', 'report', 'store', 'verify'],
  loop: [
    'client',
    'config',
    'core',
    'disk',
    'embedded',
    'export',
    'hub',
    'jobs',
    'problems',
    'process',
    'prompt',
    'run',
    'sample',
    'serve',
    'store',
    'train',
    'verify',
  ],
  commands: [
    'client',
    'config',
    'core',
    'disk',
    'embedded',
    'export',
    'hub',
    'loop',
    'problems',
    'prompt',
    'report',
    'run',
    'sample',
    'simulate',
    'store',
    'train',
    'verify',
    'view',
  ],
}

/**
 * Sub-room to the other sub-rooms of its room that it may import. The files of a room itself may import its sub-rooms and be imported
 * by them; circles are kept out by a test of their own.
 */
export const SUB_ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  commands: {
    compare: ['plan', 'run'],
    diff: [],
    doctor: [],
    export: [],
    fork: [],
    import: [],
    init: [],
    plan: ['run'],
    problems: ['export'],
    read: [],
    run: [],
    simulate: [],
    verify: [],
    view: [],
  },
  config: { sections: [] },
  core: { accept: ['budget'], allocate: [], budget: ['measure'], measure: [], words: [] },
  embedded: { denoiser: ['model'], model: [], server: ['model'], train: ['model', 'server'] },
  loop: { measure: ['sample', 'serve'], sample: ['serve'], serve: [], train: ['serve'] },
  problems: { datasets: ['files', 'steps', 'symbolic'], files: [], steps: [], symbolic: ['steps'] },
  report: { chart: [], html: ['chart', 'math', 'terminal'], math: [], metrics: [], terminal: [] },
  run: { report: [] },
  sample: { protocol: [], server: ['protocol'] },
  simulate: { denoising: [] },
  serve: { fleet: [] },
  store: { browse: [], external: [], fleet: [], place: [] },
  view: { page: [] },
  verify: {
    algebra: [],
    compare: ['algebra', 'read', 'spelling', 'units'],
    extract: ['read', 'spelling'],
    read: ['algebra', 'spelling', 'units'],
    spelling: ['units'],
    units: ['algebra'],
  },
}

/** Package to the rooms it lives in: one, but for the readers of foreign text at the borders. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@preact/signals': ['view'],
  '@tanstack/virtual-core': ['view'],
  preact: ['view'],
  '@cortex-js/compute-engine': ['verify'],
  '@huggingface/hub': ['hub'],
  '@huggingface/inference': ['sample'],
  'better-sqlite3': ['store'],
  commander: ['commands'],
  'csv-parse': ['problems'],
  // Its types; what the report draws with is built by scripts/build-drawing.ts.
  echarts: ['report'],
  'eventsource-parser': ['sample'],
  'fast-xml-parser': ['problems'],
  '@hono/node-server': ['view'],
  hono: ['view'],
  hyparquet: ['problems'],
  'hyparquet-compressors': ['problems'],

  'hyparquet-writer': ['export'],
  katex: ['report', 'view'],
  'log-update': ['report'],
  mathjs: ['verify'],
  // Sampling takes the names of the protocol's keys from it, and nothing at run time.
  openai: ['client', 'sample'],
  'p-limit': ['commands', 'loop'],
  picomatch: ['hub'],
  'slice-ansi': ['report'],
  'string-width': ['report'],
  tinypool: ['verify'],
  undici: ['sample'],
  'wrap-ansi': ['report'],
  yaml: ['config', 'hub', 'prompt'],
  zod: [
    'client',
    'commands',
    'config',
    'embedded',
    'hub',
    'jobs',
    'problems',
    'prompt',
    'sample',
    'serve',
    'train',
    'view',
  ],
}

/** What `--help` and `--version` must not wait for. */
export const HEAVY = [
  '@cortex-js/compute-engine',
  '@huggingface/hub',
  '@huggingface/inference',
  'better-sqlite3',
  'csv-parse',
  'hono',
  '@hono/node-server',
  'hyparquet',
  'katex',
  'mathjs',
  'openai',
  'tinypool',
  'undici',
  'yaml',
  'zod',
]

export const MAX_LINES = 300
export const MAX_FILES = 25
/** One language, one folder: an operator, a kind of function or a step of its compiler each. */
export const LARGER: Readonly<Record<string, number>> = { 'src/problems/symbolic': 40 }

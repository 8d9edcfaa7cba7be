/** The drawing library's one-file build, which ships without types of its own: it is the whole library. */

declare module 'echarts/dist/echarts.esm.min.mjs' {
  export * from 'echarts'
}

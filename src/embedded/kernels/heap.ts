/** Where free memory begins: below lie the kernels' own buffers. */
export const heapBase: usize = __heap_base

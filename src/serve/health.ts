/** Whether a server says that it is well. */

const HEALTH_MS = 5000

/** @param baseURL of the API, ending in /v1 */
export async function isHealthy(baseURL: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(new URL('/health', baseURL), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(HEALTH_MS)]),
    })
    await response.arrayBuffer()
    return response.ok
  } catch {
    signal.throwIfAborted()
    // Nobody there yet: the port opens when the model is loaded.
    return false
  }
}

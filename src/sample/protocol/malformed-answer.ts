/** The error of an answer that came with a good status and is no completion. */

export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer'
}

/** The error of an answer that came with a good status and is no completion. */

export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer'
  /** Nothing of it is of the protocol: the server may be another one than is meant. */
  readonly isForeign: boolean
  constructor(message: string, isForeign = false) {
    super(message)
    this.isForeign = isForeign
  }
}

/** Chat messages: what a prompt renders to and what exports carry. */

export const ROLES = ['system', 'user', 'assistant'] as const
export type Role = (typeof ROLES)[number]

export interface Message {
  readonly role: Role
  readonly content: string
}

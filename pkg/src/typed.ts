/**
 * The types of an app's messages, from one declaration of the app's.
 *
 * @module
 */

/**
 * An app's messages, declared once by the app; what it leaves out is not checked.
 *
 * - `incoming`: what the server sends, a union
 * - `outgoing`: what the app sends, a union
 * - `answers`: what `request()` is answered with, by the action of the message
 * - `actionField`: the member that tells messages apart, where the option `actionField` is not `action`
 *
 * A schema declares them, too: `incoming: z.infer<typeof incoming>`.
 *
 * @example
 * ```ts
 * import type {} from 'everwire'
 *
 * declare module 'everwire' {
 *   interface Messages {
 *     incoming: { action: 'notification'; title: string } | { action: 'price'; value: number }
 *     outgoing: { action: 'markRead'; id: number } | { action: 'unread'; since: number }
 *     answers: { unread: { count: number } }
 *   }
 * }
 * ```
 */
// Filled in by the app.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Messages {}

/** The messages that the server sends; `unknown` where the app has not declared them. */
export type Incoming<M = Messages> = M extends { incoming: infer T } ? T : unknown

/** The messages that the app sends; `unknown` where the app has not declared them. */
export type Outgoing<M = Messages> = M extends { outgoing: infer T } ? T : unknown

/** The answers to requests, by action. */
export type Answers<M = Messages> = M extends { answers: infer T } ? T : unknown

/** The member that tells messages apart. */
export type ActionField<M> = M extends { actionField: infer Name extends string } ? Name : 'action'

/** Distributes: the action of each message of a union. */
export type ActionOf<Message, M> =
  Message extends Record<ActionField<M>, infer Action extends string> ? Action : never

/** Distributes: the messages of a union that may have this action, also where a message may have several. */
export type With<Message, Action, M> =
  Message extends Record<ActionField<M>, infer Own>
    ? [Extract<Own, Action>] extends [never]
      ? never
      : Message
    : never

/** The actions of {@link Incoming}. */
export type IncomingAction<M = Messages> = unknown extends Incoming<M> ? string : ActionOf<Incoming<M>, M>

/** Those of {@link Incoming} whose action is `Action`. */
export type IncomingOf<Action, M = Messages> =
  unknown extends Incoming<M> ? unknown : With<Incoming<M>, Action, M>

/** Those of {@link Outgoing} that have an answer. */
export type Request<M = Messages> =
  unknown extends Answers<M>
    ? object
    : unknown extends Outgoing<M>
      ? Record<ActionField<M>, keyof Answers<M>>
      : Asking<Outgoing<M>, M>

/** Distributes: each message with those of its actions that have an answer. */
type Asking<Message, M> =
  Message extends Record<ActionField<M>, infer Own>
    ? [Extract<Own, keyof Answers<M>>] extends [never]
      ? never
      : Message & Record<ActionField<M>, Extract<Own, keyof Answers<M>>>
    : never

/** What a request is answered with. */
export type AnswerTo<Message, M = Messages> =
  Message extends Record<ActionField<M>, infer Action extends keyof Answers<M>> ? Answers<M>[Action] : unknown

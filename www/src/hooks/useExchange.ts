import { EverwireError } from 'everwire'
import { useWebSocketClient } from 'everwire/react'
import { useEffect, useRef, useState } from 'react'
import { fieldsOf } from '../message.js'

/** A message that was sent, and the reply to it. */
export type Exchange =
  | { readonly stage: 'idle' }
  /** In the outbox, until there is a socket. */
  | { readonly stage: 'waiting' }
  /** `sentAt`: by `performance.now()`. */
  | { readonly stage: 'sent'; readonly sentAt: number }
  | { readonly stage: 'replied'; readonly reply: unknown; readonly roundTripMs: number }
  | { readonly stage: 'failed'; readonly why: string }

interface Pending {
  /** What the reply will carry; `undefined` if the message cannot carry an id. */
  readonly id: unknown
  /** When a socket took it. */
  sentAt: number | undefined
}

const REPLY_TIMEOUT_MS = 10_000

/** Tells ids of this page from everybody else's. */
const ID_PREFIX = 'demo-'

/**
 * Sends one message at a time and waits for its reply. Routes are one-way on a serverless WebSocket API:
 * a reply is a message like any other, and only the `id` in it says what it answers.
 */
export function useExchange(): {
  exchange: Exchange
  send: (message: unknown) => void
  /** Takes a message that has arrived, if it is a reply. */
  takeReply: (message: unknown) => boolean
} {
  const { client } = useWebSocketClient()
  const [exchange, setExchange] = useState<Exchange>({ stage: 'idle' })
  const pending = useRef<Pending>(undefined)
  const count = useRef(0)

  function send(message: unknown): void {
    const fields = fieldsOf(message)
    const id = fields ? (fields.id ?? `${ID_PREFIX}${++count.current}`) : undefined
    const sending: Pending = { id, sentAt: undefined }
    pending.current = sending
    setExchange({ stage: 'waiting' })
    client.send(fields ? { ...fields, id } : message).then(
      () => {
        const sentAt = performance.now()
        sending.sentAt = sentAt
        if (pending.current === sending) setExchange({ stage: 'sent', sentAt })
      },
      (error: unknown) => {
        if (pending.current === sending) fail(error instanceof EverwireError ? error.message : String(error))
      },
    )
  }

  function takeReply(message: unknown): boolean {
    const waiting = pending.current
    if (!waiting || !answers(message, waiting.id)) return isLateReply(message)
    pending.current = undefined
    const roundTripMs = performance.now() - (waiting.sentAt ?? performance.now())
    setExchange({ stage: 'replied', reply: message, roundTripMs })
    return true
  }

  function fail(why: string): void {
    pending.current = undefined
    setExchange({ stage: 'failed', why })
  }

  const sentAt = exchange.stage === 'sent' ? exchange.sentAt : undefined
  useEffect(() => {
    if (sentAt === undefined) return
    const timer = setTimeout(() => {
      fail('No reply within 10 seconds. What was on its way when a connection broke is lost.')
    }, REPLY_TIMEOUT_MS)
    return () => clearTimeout(timer)
  }, [sentAt])

  return { exchange, send, takeReply }
}

function answers(message: unknown, id: unknown): boolean {
  const fields = fieldsOf(message)
  if (!fields) return false
  if ('id' in fields) return JSON.stringify(fields.id) === JSON.stringify(id)
  // What cannot carry an id, and what failed in the gateway, is answered without one.
  return (id === undefined && fields.action === 'unknown') || isGatewayError(message)
}

/** The reply to a message that nobody waits for any more. */
function isLateReply(message: unknown): boolean {
  const id = fieldsOf(message)?.id
  return typeof id === 'string' && id.startsWith(ID_PREFIX)
}

/** As API Gateway tells that a handler failed: `{ message, connectionId, requestId }`. */
function isGatewayError(message: unknown): boolean {
  const fields = fieldsOf(message)
  return fields !== undefined && 'connectionId' in fields && 'requestId' in fields
}

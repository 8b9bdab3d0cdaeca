import {
  CLOSE_CALLED_TEXT,
  CLOSED_TEXT,
  EverwireError,
  OPEN_CALLED_TEXT,
  type HandshakeDiagnosis,
  type ProblemCode,
} from './error.js'
import type { Cause } from './state.js'

// The names and words of src/error.rs, src/snapshot.rs and src/close.rs, in their order: the WebAssembly gives numbers.

const PROBLEMS: readonly (readonly [code: ProblemCode, text: string])[] = [
  ['token-failed', 'the token function failed; it is called again at the next attempt'],
  [
    'token-timed-out',
    'the token function did not settle within tokenTimeoutMs; it is called again at the next attempt',
  ],
  ['unauthorized', 'the token function said that the user may not connect; sign in, then call open()'],
  [
    'url-too-long',
    'the URL with its token is longer than maxUrlLength; use a shorter token, then call open()',
  ],
  ['handshake-failed', 'the handshake failed, as there is no network'],
  [
    'handshake-failed',
    'the handshake failed, and the token is the suspect: it has expired, or was refused before',
  ],
  ['handshake-failed', 'the handshake failed, and the server has said that it sees too many clients'],
  [
    'handshake-failed',
    'the handshake failed: the server is down, unreachable, or refused the token (browsers do not tell which)',
  ],
  ['handshake-timed-out', 'the handshake did not end within handshakeTimeoutMs'],
  [
    'socket-refused',
    'the browser refused to construct the WebSocket: check the url option (a page served over https needs wss:)',
  ],
  ['server-refused', 'the server closed with a final code; mend the cause, then call open()'],
  ['attempts-exhausted', 'maxAttempts attempts in a row have failed; call open() to begin anew'],
  [
    'greeting-failed',
    'the hello function failed or did not settle within tokenTimeoutMs; it is called again at the next attempt',
  ],
  [
    'heartbeat-unanswered',
    'the socket did not answer a heartbeat within heartbeatTimeoutMs and was given up',
  ],
  ['not-json', "a frame arrived that is not JSON; the event's data holds it"],
  ['not-text', "a binary frame arrived, but messages are JSON text; the event's data holds it"],
  [
    'message-too-big',
    'the message is larger than the service takes (maxFrameBytes, maxMessageBytes, or what a close with 1009 has shown); send less at a time',
  ],
  [
    'outbox-full',
    'more wait for a connection than maxQueuedMessages or maxQueuedBytes allow; send fewer, or raise it',
  ],
  ['superseded', 'a later message with the same key took its place'],
  ['expired', 'the message waited for a connection longer than it was to'],
  ['cancelled', 'the message was taken back before it left'],
  ['closed', CLOSED_TEXT],
]

/** The places of some that the driver has to know. */
export const TOKEN_FAILED = 0
export const NOT_JSON = 14
export const NOT_TEXT = 15

/** Where the diagnoses of `handshake-failed` begin in the problems, in this order. */
const DIAGNOSED = 4
const DIAGNOSES: readonly HandshakeDiagnosis[] = ['offline', 'auth-suspect', 'throttled', 'server-down']

const CAUSES: readonly (readonly [cause: Cause, text: string])[] = [
  ['open-called', OPEN_CALLED_TEXT],
  ['close-called', CLOSE_CALLED_TEXT],
  ['reconnect-called', 'reconnect() was called'],
  ['token-ready', 'a fresh token is there, the handshake begins'],
  ['socket-opened', 'the handshake succeeded'],
  ['stable', 'the connection has proven stable, earlier failures are forgotten'],
  ['handed-over', 'a new socket has taken over, nothing was missed'],
  ['hand-over-failed', 'no second socket could be had for a hand-over'],
  ['retry-due', 'time to try again'],
  ['online', 'there is a network again'],
  ['visible', 'somebody looks at the page again'],
  ['page-stored', 'the page is stored or prerendered, it gets a socket when it is shown'],
  ['page-shown', 'the page is shown'],
]

const CLOSE_CODES: Readonly<Record<number, string>> = {
  1000: 'closed normally by the server',
  1001: 'the server is going away: its idle or lifetime limit, or a restart',
  1002: 'the server saw a protocol error',
  1003: 'the server does not take binary frames',
  1005: 'closed by the server without a code',
  1006: 'the connection broke',
  1007: 'the server saw text that is not UTF-8',
  1008: "the server's policy: too many requests",
  1009: 'a message was too big for the server',
  1011: 'the server had an internal error',
  1012: 'the server restarts',
  1013: 'the server asks to try again later',
  1015: 'the TLS handshake failed',
  4408: 'the server timed out waiting for this client',
  4425: 'too early for the server',
  4429: 'the server sees too many requests',
}

/** The problem of this number, as `Problem::number()` in src/error.rs has it. */
export function problem(number: number, detail = ''): EverwireError {
  const [code = 'closed', text = ''] = PROBLEMS[number] ?? []
  return new EverwireError(code, text + detail, DIAGNOSES[number - DIAGNOSED])
}

/** The cause of this number, as `Why::number()` in src/snapshot.rs has it, and its text. */
export function causeOf(number: number, closeCode: number): readonly [cause: Cause, text: string] {
  const later = number - CAUSES.length
  if (later === 0) return ['socket-closed', explainClose(closeCode)]
  return (CAUSES[number] ?? PROBLEMS[later - 1]) as readonly [Cause, string]
}

function explainClose(code: number): string {
  const isRefusal = code >= 4400 && code <= 4499
  return CLOSE_CODES[code] ?? (isRefusal ? 'the server refuses this client' : 'closed by the server')
}

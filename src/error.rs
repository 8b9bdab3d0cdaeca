//! What can go wrong, and what to do about it.

use crate::Diagnosis;

/// A problem as an app sees it, in an `error` event or a rejected promise.
///
/// No problem carries a token, a URL or a message: those may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The app's token function threw or rejected. The connection tries again.
    TokenFailed,
    /// The app's token function did not settle in time. The connection tries again.
    TokenTimedOut,
    /// The app's token function said that the user may not connect. The connection stays closed.
    Unauthorized,
    /// The URL with its token is longer than the service takes. The connection stays closed.
    UrlTooLong,
    /// The handshake was refused or never reached a server. The connection tries again.
    HandshakeFailed(Diagnosis),
    /// The handshake did not end in time. The connection tries again.
    HandshakeTimedOut,
    /// The browser would not construct the socket. The connection stays closed.
    SocketRefused,
    /// The server closed the socket with a final close code. The connection stays closed.
    ServerRefused,
    /// [`Config::max_attempts`](crate::Config::max_attempts) attempts in a row have failed. The
    /// connection stays closed.
    AttemptsExhausted,
    /// The app could not make the greeting that goes first. The connection tries again.
    GreetingFailed,
    /// The socket did not answer a heartbeat. The connection tries again.
    HeartbeatUnanswered,
    /// A frame arrived that is not JSON. The connection lives on.
    NotJson,
    /// A binary frame arrived. The connection lives on.
    NotText,
    /// A message is larger than the service takes, or it was the largest that a socket had when
    /// the server closed it with 1009.
    MessageTooBig,
    /// A message was refused because too many wait already, or had to make room for a later one.
    OutboxFull,
    /// A later message with the same key took the place of a waiting one.
    Superseded,
    /// A message waited longer than it was worth anything.
    Expired,
    /// The app took a waiting message back.
    Cancelled,
    /// The client was closed: by the app, or before it was ever opened.
    Closed,
}

impl Problem {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 22] = [
        Self::TokenFailed,
        Self::TokenTimedOut,
        Self::Unauthorized,
        Self::UrlTooLong,
        Self::HandshakeFailed(Diagnosis::Offline),
        Self::HandshakeFailed(Diagnosis::AuthSuspect),
        Self::HandshakeFailed(Diagnosis::Throttled),
        Self::HandshakeFailed(Diagnosis::ServerDown),
        Self::HandshakeTimedOut,
        Self::SocketRefused,
        Self::ServerRefused,
        Self::AttemptsExhausted,
        Self::GreetingFailed,
        Self::HeartbeatUnanswered,
        Self::NotJson,
        Self::NotText,
        Self::MessageTooBig,
        Self::OutboxFull,
        Self::Superseded,
        Self::Expired,
        Self::Cancelled,
        Self::Closed,
    ];

    /// Where this one stands in [`ALL`](Self::ALL).
    #[must_use]
    pub fn number(self) -> u32 {
        Self::ALL.iter().position(|problem| *problem == self).unwrap_or_default() as u32
    }

    /// The name by which a program tells problems apart; it never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenFailed => "token-failed",
            Self::TokenTimedOut => "token-timed-out",
            Self::Unauthorized => "unauthorized",
            Self::UrlTooLong => "url-too-long",
            Self::HandshakeFailed(_) => "handshake-failed",
            Self::HandshakeTimedOut => "handshake-timed-out",
            Self::SocketRefused => "socket-refused",
            Self::ServerRefused => "server-refused",
            Self::AttemptsExhausted => "attempts-exhausted",
            Self::GreetingFailed => "greeting-failed",
            Self::HeartbeatUnanswered => "heartbeat-unanswered",
            Self::NotJson => "not-json",
            Self::NotText => "not-text",
            Self::MessageTooBig => "message-too-big",
            Self::OutboxFull => "outbox-full",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
        }
    }

    /// The cause and the remedy, for a person.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::TokenFailed => "the token function failed; it is called again at the next attempt",
            Self::TokenTimedOut => {
                "the token function did not settle within tokenTimeoutMs; it is called again at the next attempt"
            }
            Self::Unauthorized => {
                "the token function said that the user may not connect; sign in, then call open()"
            }
            Self::UrlTooLong => {
                "the URL with its token is longer than maxUrlLength; use a shorter token, then call open()"
            }
            Self::HandshakeFailed(Diagnosis::Offline) => "the handshake failed, as there is no network",
            Self::HandshakeFailed(Diagnosis::AuthSuspect) => {
                "the handshake failed, and the token is the suspect: it has expired, or was refused before"
            }
            Self::HandshakeFailed(Diagnosis::Throttled) => {
                "the handshake failed, and the server has said that it sees too many clients"
            }
            Self::HandshakeFailed(Diagnosis::ServerDown) => {
                "the handshake failed: the server is down, unreachable, or refused the token (browsers do not tell which)"
            }
            Self::HandshakeTimedOut => "the handshake did not end within handshakeTimeoutMs",
            Self::SocketRefused => {
                "the browser refused to construct the WebSocket: check the url option (a page served over https needs wss:)"
            }
            Self::ServerRefused => "the server closed with a final code; mend the cause, then call open()",
            Self::AttemptsExhausted => "maxAttempts attempts in a row have failed; call open() to begin anew",
            Self::GreetingFailed => {
                "the hello function failed or did not settle within tokenTimeoutMs; it is called again at the next attempt"
            }
            Self::HeartbeatUnanswered => {
                "the socket did not answer a heartbeat within heartbeatTimeoutMs and was given up"
            }
            Self::NotJson => "a frame arrived that is not JSON; the event's data holds it",
            Self::NotText => "a binary frame arrived, but messages are JSON text; the event's data holds it",
            Self::MessageTooBig => {
                "the message is larger than the service takes (maxFrameBytes, maxMessageBytes, or what a close with 1009 has shown); send less at a time"
            }
            Self::OutboxFull => {
                "more wait for a connection than maxQueuedMessages or maxQueuedBytes allow; send fewer, or raise it"
            }
            Self::Superseded => "a later message with the same key took its place",
            Self::Expired => "the message waited for a connection longer than it was to",
            Self::Cancelled => "the message was taken back before it left",
            Self::Closed => "the client is closed; call open() first",
        }
    }
}

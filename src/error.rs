//! What can go wrong, and what to do about it.

/// A problem as an app sees it, in an `error` event or a rejected promise.
///
/// No problem carries a token, a URL or a message: those may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The app's token function threw or rejected. The connection tries again.
    TokenFailed,
    /// The app's token function did not settle in time. The connection tries again.
    TokenTimedOut,
    /// The handshake was refused or never reached a server. The connection tries again.
    HandshakeFailed,
    /// The handshake did not end in time. The connection tries again.
    HandshakeTimedOut,
    /// The browser would not construct the socket. The connection stays closed.
    SocketRefused,
    /// The server closed the socket with a final close code. The connection stays closed.
    ServerRefused,
    /// A frame arrived that is not JSON. The connection lives on.
    NotJson,
    /// A binary frame arrived. The connection lives on.
    NotText,
    /// A message was refused because too many wait already.
    OutboxFull,
    /// The client was closed: by the app, or before it was ever opened.
    Closed,
}

impl Problem {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::TokenFailed,
        Self::TokenTimedOut,
        Self::HandshakeFailed,
        Self::HandshakeTimedOut,
        Self::SocketRefused,
        Self::ServerRefused,
        Self::NotJson,
        Self::NotText,
        Self::OutboxFull,
        Self::Closed,
    ];

    /// The name by which a program tells problems apart; it never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenFailed => "token-failed",
            Self::TokenTimedOut => "token-timed-out",
            Self::HandshakeFailed => "handshake-failed",
            Self::HandshakeTimedOut => "handshake-timed-out",
            Self::SocketRefused => "socket-refused",
            Self::ServerRefused => "server-refused",
            Self::NotJson => "not-json",
            Self::NotText => "not-text",
            Self::OutboxFull => "outbox-full",
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
            Self::HandshakeFailed => {
                "the handshake failed: the server is down, unreachable, or refused the token (browsers do not tell which)"
            }
            Self::HandshakeTimedOut => "the handshake did not end within handshakeTimeoutMs",
            Self::SocketRefused => {
                "the browser refused to construct the WebSocket: check the url option (a page served over https needs wss:)"
            }
            Self::ServerRefused => {
                "the server closed with a final code (4400-4499); mend the cause, then call open()"
            }
            Self::NotJson => "a frame arrived that is not JSON; the event's data holds it",
            Self::NotText => "a binary frame arrived, but messages are JSON text; the event's data holds it",
            Self::OutboxFull => {
                "more than maxQueuedMessages messages wait for a connection; send fewer, or raise it"
            }
            Self::Closed => "the client is closed; call open() first",
        }
    }
}

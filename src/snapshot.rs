//! What an app can see of a connection, and why it came to be so.

use crate::{Problem, State, close};

/// What an app can see of a connection, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// Where the connection stands.
    pub state: State,
    /// 0 for a first attempt or a proven connection, then how many failures have gone before.
    pub attempt: u32,
    /// In `Waiting`, milliseconds from the announcement to the next attempt.
    pub retry_in_ms: Option<u32>,
    /// [`backoff::ceiling_ms`](crate::backoff::ceiling_ms) of the present wait or, if there is none, of the next.
    pub ceiling_ms: u32,
    /// Why the state changed.
    pub why: Why,
}

/// Why a connection's state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The app called `open`.
    Opened,
    /// The app called `close`.
    Closed,
    /// The app called `reconnect`.
    Reconnected,
    /// The token has arrived; the handshake begins.
    TokenReady,
    /// The handshake succeeded.
    SocketOpened,
    /// The socket stayed open long enough: past failures are forgotten.
    Stable,
    /// The wait is over.
    RetryDue,
    /// An open socket closed with this code.
    SocketClosed(u16),
    /// The socket closed with this final code.
    ServerRefused(u16),
    /// An attempt failed.
    Failed(Problem),
}

impl Why {
    /// The name by which a program tells the reasons apart; it never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Opened => "open-called",
            Self::Closed => "close-called",
            Self::Reconnected => "reconnect-called",
            Self::TokenReady => "token-ready",
            Self::SocketOpened => "socket-opened",
            Self::Stable => "stable",
            Self::RetryDue => "retry-due",
            Self::SocketClosed(_) => "socket-closed",
            Self::ServerRefused(_) => Problem::ServerRefused.code(),
            Self::Failed(problem) => problem.code(),
        }
    }

    /// The close code, where a socket has closed.
    #[must_use]
    pub const fn close_code(self) -> Option<u16> {
        match self {
            Self::SocketClosed(code) | Self::ServerRefused(code) => Some(code),
            Self::Opened
            | Self::Closed
            | Self::Reconnected
            | Self::TokenReady
            | Self::SocketOpened
            | Self::Stable
            | Self::RetryDue
            | Self::Failed(_) => None,
        }
    }

    /// The reason, for a person.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Opened => "open() was called",
            Self::Closed => "close() was called",
            Self::Reconnected => "reconnect() was called",
            Self::TokenReady => "a fresh token is there, the handshake begins",
            Self::SocketOpened => "the handshake succeeded",
            Self::Stable => "the connection has proven stable, earlier failures are forgotten",
            Self::RetryDue => "time to try again",
            Self::SocketClosed(code) => close::explain(code),
            Self::ServerRefused(_) => Problem::ServerRefused.explain(),
            Self::Failed(problem) => problem.explain(),
        }
    }
}

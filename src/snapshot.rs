//! What an app can see of a connection, and why it came to be so.

use crate::{Connection, Generation, Millis, Problem, State, backoff, close};

/// What an app can see of a connection, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// Where the connection stands.
    pub state: State,
    /// The attempt's number, which is its socket's.
    pub generation: Generation,
    /// 0 for a first attempt or a proven connection, then how many failures have gone before.
    pub attempt: u32,
    /// In `Waiting`, milliseconds from the announcement to the next attempt.
    pub retry_in_ms: Option<u32>,
    /// [`backoff::ceiling_ms`](crate::backoff::ceiling_ms) of the present wait or, if there is none, of the next.
    pub ceiling_ms: u32,
    /// When a socket has opened after another was lost, milliseconds for which nothing was heard:
    /// what was sent meanwhile may have been missed.
    pub gap_ms: Option<u32>,
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
    /// A new socket has proven itself and taken over from the one before; nobody noticed.
    HandedOver,
    /// A new socket was wanted in place of the present one and could not be had beside it.
    HandOverFailed,
    /// The wait is over.
    RetryDue,
    /// The browser says that there is a network again.
    Online,
    /// Somebody looks at the page again.
    Visible,
    /// The page is stored or prerendered: no socket until it is shown.
    PageStored,
    /// The page is shown (again).
    PageShown,
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
            Self::HandedOver => "handed-over",
            Self::HandOverFailed => "hand-over-failed",
            Self::RetryDue => "retry-due",
            Self::Online => "online",
            Self::Visible => "visible",
            Self::PageStored => "page-stored",
            Self::PageShown => "page-shown",
            Self::SocketClosed(_) => "socket-closed",
            Self::ServerRefused(_) => Problem::ServerRefused.code(),
            Self::Failed(problem) => problem.code(),
        }
    }

    /// Its place in the order of declaration; those that are a problem follow, in the order of
    /// [`Problem::ALL`].
    #[must_use]
    pub fn number(self) -> u32 {
        let problem = match self {
            Self::Opened => return 0,
            Self::Closed => return 1,
            Self::Reconnected => return 2,
            Self::TokenReady => return 3,
            Self::SocketOpened => return 4,
            Self::Stable => return 5,
            Self::HandedOver => return 6,
            Self::HandOverFailed => return 7,
            Self::RetryDue => return 8,
            Self::Online => return 9,
            Self::Visible => return 10,
            Self::PageStored => return 11,
            Self::PageShown => return 12,
            Self::SocketClosed(_) => return 13,
            Self::ServerRefused(_) => Problem::ServerRefused,
            Self::Failed(problem) => problem,
        };
        14 + problem.number()
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
            | Self::HandedOver
            | Self::HandOverFailed
            | Self::RetryDue
            | Self::Online
            | Self::Visible
            | Self::PageStored
            | Self::PageShown
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
            Self::HandedOver => "a new socket has taken over, nothing was missed",
            Self::HandOverFailed => "no second socket could be had for a hand-over",
            Self::RetryDue => "time to try again",
            Self::Online => "there is a network again",
            Self::Visible => "somebody looks at the page again",
            Self::PageStored => "the page is stored or prerendered, it gets a socket when it is shown",
            Self::PageShown => "the page is shown",
            Self::SocketClosed(code) => close::explain(code),
            Self::ServerRefused(_) => Problem::ServerRefused.explain(),
            Self::Failed(problem) => problem.explain(),
        }
    }
}

impl Connection {
    pub(crate) fn snapshot(&self, now: Millis, why: Why) -> Snapshot {
        let (retry_in_ms, wait_number) = match self.state {
            State::Waiting { retry_at, .. } => (Some(now.until(retry_at)), self.failures),
            State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Open(_) => (None, self.failures.saturating_add(1)),
        };
        Snapshot {
            state: self.state,
            generation: self.current,
            attempt: self.failures,
            retry_in_ms,
            ceiling_ms: backoff::ceiling_ms(&self.config, wait_number, self.page.is_visible),
            gap_ms: None,
            why,
        }
    }
}

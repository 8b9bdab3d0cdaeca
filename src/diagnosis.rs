//! Why a handshake failed, as far as the evidence goes.
//!
//! A browser tells a page nothing: a refused token, a throttled connection, a dead server and a
//! missing network all look like close code 1006 before `open`. But they call for different
//! things, and there is evidence beside the code.

use crate::backoff::Pace;
use crate::effect::Turn;
use crate::{Connection, Millis, Problem};

/// What a token's past says about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenHistory {
    /// Not seen before, or there is none.
    #[default]
    New,
    /// The very same token has opened a socket before.
    Accepted,
    /// The very same token was there when the last handshake failed.
    Refused,
}

/// What is known when a handshake fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// Whether the browser believes that it has a network.
    pub is_online: bool,
    /// Whether the token's own `exp` has passed.
    pub token_expired: bool,
    /// Where the token comes from.
    pub token_history: TokenHistory,
    /// Whether the server has said lately that it sees too many clients.
    pub is_crowded: bool,
}

/// The likeliest reason of a failed handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Diagnosis {
    /// There is no network. The `online` event ends the wait.
    Offline,
    /// The token has expired or was refused twice. A fresh one is asked for, once; then the waits
    /// are long.
    AuthSuspect,
    /// The server sees too many clients. The next attempt is spread over the longest wait.
    Throttled,
    /// None of these: the server is down or cannot be reached.
    ServerDown,
}

impl Evidence {
    /// What the evidence speaks for. An earlier success with the same token speaks against the
    /// token being at fault.
    #[must_use]
    pub const fn diagnose(self) -> Diagnosis {
        match self {
            Self { is_online: false, .. } => Diagnosis::Offline,
            Self { token_expired: true, .. } | Self { token_history: TokenHistory::Refused, .. } => {
                Diagnosis::AuthSuspect
            }
            Self { is_crowded: true, .. } => Diagnosis::Throttled,
            Self { token_history: TokenHistory::New | TokenHistory::Accepted, .. } => Diagnosis::ServerDown,
        }
    }
}

impl Diagnosis {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Offline, Self::AuthSuspect, Self::Throttled, Self::ServerDown];

    /// The name by which a program tells them apart; it never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::AuthSuspect => "auth-suspect",
            Self::Throttled => "throttled",
            Self::ServerDown => "server-down",
        }
    }
}

impl Connection {
    pub(crate) fn handshake_failed(&mut self, turn: &mut Turn) {
        let diagnosis = self.evidence(turn.now).diagnose();
        let pace = match diagnosis {
            Diagnosis::AuthSuspect => {
                self.wants_refresh = true;
                if self.has_refreshed { Pace::Long } else { Pace::Usual }
            }
            Diagnosis::Throttled => Pace::Spread,
            Diagnosis::Offline | Diagnosis::ServerDown => Pace::Usual,
        };
        self.fail(turn, Problem::HandshakeFailed(diagnosis), pace);
    }

    fn evidence(&self, now: Millis) -> Evidence {
        let expired = self.token_expires_at.is_some_and(|at| at <= now);
        // What was refused after a refresh was not refused for its age.
        let refused_twice = self.token.history == TokenHistory::Refused && !self.has_refreshed;
        Evidence {
            is_online: self.page.is_online,
            token_expired: expired && !self.distrusts_clock,
            token_history: if refused_twice { TokenHistory::Refused } else { TokenHistory::Accepted },
            is_crowded: self.is_crowded,
        }
    }
}

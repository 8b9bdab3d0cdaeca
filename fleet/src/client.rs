//! A real Everwire connection in the simulated world: its effects become what it asks of the
//! world, the world's news become its inputs. No other file of this crate knows the machine.

use everwire::{
    Config, Connection, Effect, Generation, Hint, Input, Millis, PageEvent, State, Token, TokenHistory,
};

use crate::scenario::SLEPT_MS;
use crate::simulation::{self, Ask, Client, FAULT_AT, News};

/// One client of the fleet.
#[derive(Clone, Debug)]
pub struct Everwire(Connection);

impl Everwire {
    /// A client whose socket has proven itself before the fault begins. `seed` decides its jitter.
    /// It sends no heartbeats and replaces no socket by itself: nothing but the fault happens.
    #[must_use]
    pub fn proven(config: Config, seed: u64) -> Self {
        let config = Config { heartbeat_ms: 0, max_life_ms: 0, ..config };
        Self::opened_at(FAULT_AT - 2 * u64::from(config.stable_after_ms), config, seed)
    }

    /// A client that has slept since its socket had proven itself, hours before the fault begins,
    /// with whatever was due meanwhile.
    #[must_use]
    pub fn asleep(config: Config, seed: u64) -> Self {
        Self::opened_at(FAULT_AT - SLEPT_MS, config, seed)
    }

    fn opened_at(at: u64, config: Config, seed: u64) -> Self {
        let at = Millis::new(at);
        let mut connection = Connection::new(config, seed);
        connection.handle(at, Input::Open);
        connection.handle(at, Input::TokenReady(connection.generation(), Token::default()));
        connection.handle(at, Input::SocketOpened(connection.generation()));
        connection.handle(at.plus(config.stable_after_ms), Input::Timeout);
        Self(connection)
    }
}

impl Client for Everwire {
    fn hear(&mut self, now: u64, news: News, asks: &mut Vec<Ask>) {
        let input = match news {
            News::TokenReady(attempt, token) => Input::TokenReady(Generation(attempt), known(token)),
            News::TokenFailed(attempt) => Input::TokenFailed(Generation(attempt)),
            News::Opened(attempt) => Input::SocketOpened(Generation(attempt)),
            News::Closed(attempt, code) => Input::SocketClosed(Generation(attempt), code),
            News::Deadline => Input::Timeout,
            News::Hint(simulation::Hint { retry_after_ms, spread_ms }) => {
                Input::Hint(Hint { retry_after_ms, spread_ms })
            }
            News::Hidden => Input::Page(PageEvent::Hidden),
            News::Offline => Input::Page(PageEvent::Offline),
            News::Online => Input::Page(PageEvent::Online),
        };
        asks.extend(self.0.handle(Millis::new(now), input).into_iter().filter_map(asked));
    }

    fn deadline(&self) -> Option<u64> {
        self.0.deadline().map(Millis::get)
    }

    fn attempt(&self) -> u32 {
        self.0.generation().0
    }

    fn is_open(&self) -> bool {
        matches!(self.0.state(), State::Open(_))
    }
}

/// What the browser's side of the client makes of a token.
fn known(token: simulation::Token) -> Token {
    let history = if token.is_old { TokenHistory::Accepted } else { TokenHistory::New };
    Token { lives_ms: Some(token.lives_ms), history, url_length: 0 }
}

/// What an effect asks of the world. The rest concerns the app, or a socket that is given up:
/// whatever the world still says about that one comes too late to matter.
fn asked(effect: Effect) -> Option<Ask> {
    match effect {
        Effect::RequestToken { generation, is_refresh } => {
            Some(Ask::Token { attempt: generation.0, is_refresh })
        }
        Effect::OpenSocket(generation) => Some(Ask::Handshake(generation.0)),
        Effect::CloseSocket(..)
        | Effect::Greet(_)
        | Effect::Probe(_)
        | Effect::Transmit(..)
        | Effect::Quarantine(_)
        | Effect::Refuse(..)
        | Effect::Announce(_)
        | Effect::Report(_)
        | Effect::Settle(_) => None,
    }
}

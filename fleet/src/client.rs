//! A real Everwire connection in the simulated world: its effects become what it asks of the
//! world, the world's news become its inputs. No other file of this crate knows the machine.

use everwire::{Config, Connection, Effect, Generation, Input, Millis, State, Token};

use crate::simulation::{Ask, Client, FAULT_AT, News};

/// One client of the fleet.
#[derive(Clone, Debug)]
pub struct Everwire(Connection);

impl Everwire {
    /// A client whose socket has proven itself before the fault begins. `seed` decides its jitter.
    /// It sends no heartbeats and replaces no socket by itself: nothing but the fault happens.
    #[must_use]
    pub fn proven(config: Config, seed: u64) -> Self {
        let config = Config { heartbeat_ms: 0, max_life_ms: 0, ..config };
        let mut connection = Connection::new(config, seed);
        let opened_at = Millis(FAULT_AT.saturating_sub(2 * u64::from(config.stable_after_ms)));
        connection.handle(opened_at, Input::Open);
        connection.handle(opened_at, Input::TokenReady(connection.generation(), Token::default()));
        connection.handle(opened_at, Input::SocketOpened(connection.generation()));
        if let Some(stable_at) = connection.deadline() {
            connection.handle(stable_at, Input::Timeout);
        }
        Self(connection)
    }
}

impl Client for Everwire {
    fn hear(&mut self, now: u64, news: News, asks: &mut Vec<Ask>) {
        let input = match news {
            News::TokenReady(attempt) => Input::TokenReady(Generation(attempt), Token::default()),
            News::Opened(attempt) => Input::SocketOpened(Generation(attempt)),
            News::Closed(attempt, code) => Input::SocketClosed(Generation(attempt), code),
            News::Deadline => Input::Timeout,
        };
        asks.extend(self.0.handle(Millis(now), input).into_iter().filter_map(asked));
    }

    fn deadline(&self) -> Option<u64> {
        self.0.deadline().map(|deadline| deadline.0)
    }

    fn attempt(&self) -> u32 {
        self.0.generation().0
    }

    fn is_open(&self) -> bool {
        matches!(self.0.state(), State::Open(_))
    }
}

/// What an effect asks of the world. The rest concerns the app, or a socket that is given up:
/// whatever the world still says about that one comes too late to matter.
fn asked(effect: Effect) -> Option<Ask> {
    match effect {
        Effect::RequestToken { generation, .. } => Some(Ask::Token(generation.0)),
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

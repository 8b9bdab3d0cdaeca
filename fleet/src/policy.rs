//! When another client tries again, as plain data: a delay for each retry, and what ends a wait.
//!
//! Everything else is as in our own client: a token for each attempt, then a handshake. The
//! policies themselves are in `peers.rs`.

use crate::peers;
use crate::simulation::{Ask, Client, FAULT_AT, News};

/// When a client tries again.
pub struct Policy {
    /// The name on the command line.
    pub name: &'static str,
    /// What it is a model of, with its version.
    pub model_of: &'static str,
    /// The wait before retry number `failures` (1 is the first), in milliseconds; `None` if the
    /// client gives up. The seed stands for one client: the same arguments give the same delay.
    pub delay_ms: fn(seed: u64, failures: u32) -> Option<u32>,
    /// How long a socket must stay open before failures are forgotten, in milliseconds.
    pub stable_after_ms: u64,
    /// How long after the browser's `online` event it tries again, in milliseconds, whatever it
    /// waited for; `None` if it does not listen.
    pub online_delay_ms: Option<u32>,
}

/// The policy of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Policy> {
    peers::ALL.iter().copied().find(|policy| policy.name == name)
}

/// A client that consists of its policy.
#[derive(Clone)]
pub struct Modelled<'a> {
    policy: &'a Policy,
    seed: u64,
    attempt: u32,
    failures: u32,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Waiting { retry_at: u64 },
    Connecting,
    Open { since: u64 },
    GivenUp,
}

impl<'a> Modelled<'a> {
    /// A client whose socket has proven itself before the fault begins. `seed` decides its jitter.
    #[must_use]
    pub fn proven(policy: &'a Policy, seed: u64) -> Self {
        let since = FAULT_AT - 2 * policy.stable_after_ms;
        Self { policy, seed, attempt: 1, failures: 0, state: State::Open { since } }
    }

    fn wait(&mut self, now: u64) {
        self.failures += 1;
        self.state = match (self.policy.delay_ms)(self.seed, self.failures) {
            Some(delay) => State::Waiting { retry_at: now + u64::from(delay) },
            None => State::GivenUp,
        };
    }

    fn hear_online(&mut self, now: u64) {
        if let (State::Waiting { .. }, Some(delay)) = (self.state, self.policy.online_delay_ms) {
            self.state = State::Waiting { retry_at: now + u64::from(delay) };
        }
    }
}

impl Client for Modelled<'_> {
    fn hear(&mut self, now: u64, news: News, asks: &mut Vec<Ask>) {
        match (self.state, news) {
            (State::Waiting { .. }, News::Deadline) => {
                self.attempt += 1;
                self.state = State::Connecting;
                asks.push(Ask::Token { attempt: self.attempt, is_refresh: false });
            }
            (State::Connecting, News::TokenReady(attempt, _)) => asks.push(Ask::Handshake(attempt)),
            (State::Connecting, News::Opened(_)) => self.state = State::Open { since: now },
            (State::Connecting, News::Closed(..) | News::TokenFailed(_)) => self.wait(now),
            (State::Open { since }, News::Closed(attempt, _)) if attempt == self.attempt => {
                if now - since >= self.policy.stable_after_ms {
                    self.failures = 0;
                }
                self.wait(now);
            }
            (_, News::Online) => self.hear_online(now),
            (State::Waiting { .. } | State::Connecting | State::Open { .. } | State::GivenUp, _) => {}
        }
    }

    fn deadline(&self) -> Option<u64> {
        match self.state {
            State::Waiting { retry_at } => Some(retry_at),
            State::Connecting | State::Open { .. } | State::GivenUp => None,
        }
    }

    fn attempt(&self) -> u32 {
        self.attempt
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }
}

/// A number from `least` to `most`, all alike probable, the same for the same seed and failures.
#[must_use]
pub fn uniform(seed: u64, failures: u32, least: u32, most: u32) -> u32 {
    let choices = u64::from(most - least) + 1;
    least + ((u64::from(draw(seed, failures)) * choices) >> 32) as u32
}

/// A share of one, 1 excluded, the same for the same seed and failures.
#[must_use]
pub fn share(seed: u64, failures: u32) -> f64 {
    f64::from(draw(seed, failures)) / (f64::from(u32::MAX) + 1.0)
}

const fn draw(seed: u64, failures: u32) -> u32 {
    (mixed(seed ^ failures as u64) >> 32) as u32
}

/// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
#[must_use]
pub const fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A seed for each of `clients`, decided by the seed of the run.
pub fn seeds(run: u64, clients: u32) -> impl ExactSizeIterator<Item = u64> {
    (0..clients).map(move |index| mixed(mixed(run) ^ u64::from(index)))
}

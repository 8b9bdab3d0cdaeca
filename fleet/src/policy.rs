//! When to try again, as plain functions: what other clients do, and what ours might.
//!
//! Everything but the delay is as in our own client: a token for each attempt, then a handshake.

use crate::simulation::{Ask, Client, FAULT_AT, News};

/// When a client tries again.
pub trait Policy: Sync {
    /// The name on the command line.
    fn name(&self) -> &str;
    /// The wait before retry number `failures` (1 is the first), in milliseconds; `None` if the
    /// client gives up. `seed` stands for one client: the same arguments give the same delay.
    fn delay_ms(&self, seed: u64, failures: u32) -> Option<u32>;
    /// How long a socket must stay open before failures are forgotten, in milliseconds.
    fn stable_after_ms(&self) -> u64;
}

/// A client that consists of its policy.
#[derive(Clone)]
pub struct Modelled<'a> {
    policy: &'a dyn Policy,
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
    pub fn proven(policy: &'a dyn Policy, seed: u64) -> Self {
        let since = FAULT_AT.saturating_sub(2 * policy.stable_after_ms());
        Self { policy, seed, attempt: 1, failures: 0, state: State::Open { since } }
    }

    fn wait(&mut self, now: u64) {
        self.failures += 1;
        self.state = match self.policy.delay_ms(self.seed, self.failures) {
            Some(delay) => State::Waiting { retry_at: now + u64::from(delay) },
            None => State::GivenUp,
        };
    }
}

impl Client for Modelled<'_> {
    fn hear(&mut self, now: u64, news: News, asks: &mut Vec<Ask>) {
        match (self.state, news) {
            (State::Waiting { .. }, News::Deadline) => {
                self.attempt += 1;
                self.state = State::Connecting;
                asks.push(Ask::Token(self.attempt));
            }
            (State::Connecting, News::TokenReady(attempt)) => asks.push(Ask::Handshake(attempt)),
            (State::Connecting, News::Opened(_)) => self.state = State::Open { since: now },
            (State::Connecting, News::Closed(..)) => self.wait(now),
            (State::Open { since }, News::Closed(attempt, _)) if attempt == self.attempt => {
                if now - since >= self.policy.stable_after_ms() {
                    self.failures = 0;
                }
                self.wait(now);
            }
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

/// Every policy that the command line knows by name.
pub static ALL: &[&dyn Policy] = &[
    &ORIGINAL,
    &PARTYSOCKET,
    &PHOENIX,
    &GRAPHQL_WS,
    &SOCKET_IO,
    &RECONNECTING_WEBSOCKET,
    &CENTRIFUGE,
    &FULL_JITTER_30,
    &FULL_JITTER_300,
    &PLACE_30,
    &PLACE_60,
    &PLACE_90,
    &PLACE_300,
];

/// The policy of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Policy> {
    ALL.iter().copied().find(|policy| policy.name() == name)
}

/// A policy that is written down as a function.
pub struct Written {
    name: &'static str,
    delay_ms: fn(u64, u32) -> Option<u32>,
    stable_after_ms: u64,
}

impl Policy for Written {
    fn name(&self) -> &str {
        self.name
    }

    fn delay_ms(&self, seed: u64, failures: u32) -> Option<u32> {
        (self.delay_ms)(seed, failures)
    }

    fn stable_after_ms(&self) -> u64 {
        self.stable_after_ms
    }
}

/// The client that Everwire replaces: one second, doubled, without cap or jitter.
static ORIGINAL: Written = Written {
    name: "original",
    delay_ms: |_, failures| Some(doubled(1_000, failures, u32::MAX)),
    stable_after_ms: 0,
};

/// partysocket 1.3: growing by 1.3 from 3 s to 10 s, without jitter.
static PARTYSOCKET: Written = Written {
    name: "partysocket",
    delay_ms: |_, failures| Some(grown(3_000.0, 1.3, failures, 10_000.0)),
    stable_after_ms: 5_000,
};

/// phoenix 1.8: a table without jitter.
static PHOENIX: Written = Written {
    name: "phoenix",
    delay_ms: |_, failures| {
        const TABLE_MS: [u32; 9] = [10, 50, 100, 150, 200, 250, 500, 1_000, 2_000];
        Some(TABLE_MS.get(failures as usize - 1).copied().unwrap_or(5_000))
    },
    stable_after_ms: 0,
};

/// graphql-ws 6: doubled from 1 s, 0.3 to 3 s added at random, five retries.
static GRAPHQL_WS: Written = Written {
    name: "graphql-ws",
    delay_ms: |seed, failures| {
        (failures <= 5).then(|| doubled(1_000, failures, u32::MAX) + uniform(seed, failures, 300, 3_000))
    },
    stable_after_ms: 0,
};

/// socket.io-client 4.8: doubled from 1 s, ± 50 %, and only then capped at 5 s.
static SOCKET_IO: Written = Written {
    name: "socket.io",
    delay_ms: |seed, failures| {
        let middle = doubled(1_000, failures, 1 << 30);
        Some(uniform(seed, failures, middle / 2, middle + middle / 2).min(5_000))
    },
    stable_after_ms: 0,
};

/// reconnecting-websocket 4.4: growing by 1.3 from 1 to 5 s, drawn once per page, to 10 s.
static RECONNECTING_WEBSOCKET: Written = Written {
    name: "reconnecting-websocket",
    delay_ms: |seed, failures| {
        Some(grown(f64::from(uniform(seed, 0, 1_000, 5_000)), 1.3, failures, 10_000.0))
    },
    stable_after_ms: 5_000,
};

/// centrifuge-js 5.8: 0.5 s and up to 0.5 s doubled at random, at most 20 s.
static CENTRIFUGE: Written = Written {
    name: "centrifuge",
    delay_ms: |seed, failures| {
        let ceiling = doubled(500, failures, 20_000);
        Some((500 + uniform(seed, failures, 0, ceiling)).min(20_000))
    },
    stable_after_ms: 0,
};

/// What AWS's architecture blog calls full jitter, from 1 s up to 30 s.
static FULL_JITTER_30: Written = Written {
    name: "full-jitter-30",
    delay_ms: |seed, failures| Some(uniform(seed, failures, 0, doubled(1_000, failures, 30_000))),
    stable_after_ms: 10_000,
};

/// The same up to 300 s.
static FULL_JITTER_300: Written = Written {
    name: "full-jitter-300",
    delay_ms: |seed, failures| Some(uniform(seed, failures, 0, doubled(1_000, failures, 300_000))),
    stable_after_ms: 10_000,
};

/// The proposal for Everwire: each client keeps one place in the crowd for the whole outage.
///
/// Fresh jitter at each retry lets clients bunch up and leaves gaps between the bunches, in which
/// the quota is wasted. Here all clients walk the same curve of delays, each from a place of its
/// own, so that each retry spreads the crowd evenly over a stretch of time that begins where the
/// last one ended.
pub struct Place {
    name: &'static str,
    /// The first retry comes within this time.
    first_retry_ms: u32,
    /// No retry takes longer than this.
    max_retry_ms: u32,
}

static PLACE_30: Place = Place { name: "place-30", first_retry_ms: 1_000, max_retry_ms: 30_000 };
static PLACE_60: Place = Place { name: "place-60", first_retry_ms: 1_000, max_retry_ms: 60_000 };
static PLACE_90: Place = Place { name: "place-90", first_retry_ms: 1_000, max_retry_ms: 90_000 };
static PLACE_300: Place = Place { name: "place-300", first_retry_ms: 1_000, max_retry_ms: 300_000 };

impl Policy for Place {
    fn name(&self) -> &str {
        self.name
    }

    fn delay_ms(&self, seed: u64, failures: u32) -> Option<u32> {
        let place = mixed(seed) >> 48;
        let max = u64::from(self.max_retry_ms);
        let first = u64::from(self.first_retry_ms).min(max);
        if failures <= 1 {
            return Some(((first * place) >> 16) as u32);
        }
        let ceiling = ceiling_ms(first, failures, max);
        // From 8/15 of the ceiling to the whole, about (15/8)^place: as many clients in each equal
        // share of the time that has passed. A parabola is near enough.
        let floor = ceiling * 8 / 15;
        let share = (place * ((2 << 16) + place) / 3) >> 16;
        let delay = floor + (((ceiling - floor) * share) >> 16);
        // A little fresh jitter evens out what is left uneven, less at the cap: there each second
        // less costs the server most.
        let fresh = mixed(seed ^ u64::from(failures)) >> 48;
        let early = |ms: u64, percent: u64| ms - ((ms * percent / 100 * fresh) >> 16);
        Some(early(delay, 30).min(early(max, 12)) as u32)
    }

    fn stable_after_ms(&self) -> u64 {
        10_000
    }
}

/// [`Place`]'s longest wait before retry number `failures` (2 or more), without the cap: one and
/// a half times the first, then 15/8 of the one before, until it is out of the cap's reach.
fn ceiling_ms(first_ms: u64, failures: u32, max_ms: u64) -> u64 {
    let mut ceiling = first_ms * 3 / 2;
    for _ in 2..failures {
        if ceiling >= 3 * max_ms {
            break;
        }
        ceiling = (ceiling * 15).div_ceil(8);
    }
    ceiling
}

/// `first_ms`, doubled for each failure after the first, at most `cap_ms`.
fn doubled(first_ms: u32, failures: u32, cap_ms: u32) -> u32 {
    let factor = 1u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
    first_ms.saturating_mul(factor).min(cap_ms)
}

/// `first_ms`, times `growth` for each failure after the first, at most `cap_ms`.
fn grown(first_ms: f64, growth: f64, failures: u32, cap_ms: f64) -> u32 {
    (first_ms * growth.powf(f64::from(failures - 1))).min(cap_ms) as u32
}

/// A number from `least` to `most`, all alike probable, the same for the same seed and failures.
#[must_use]
pub fn uniform(seed: u64, failures: u32, least: u32, most: u32) -> u32 {
    let choices = u64::from(most - least) + 1;
    let draw = mixed(seed ^ u64::from(failures)) >> 32;
    least + ((draw * choices) >> 32) as u32
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

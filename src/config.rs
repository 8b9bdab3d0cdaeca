//! Every knob of a connection: its unit, its default, and the limit it answers to.

/// How a connection behaves. Times are in milliseconds.
///
/// The npm package takes the same knobs by the names in [`Config::KNOBS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How long the app's token function may take. A token is fetched for every attempt, and a
    /// refresh that hangs must not hang the connection.
    pub token_timeout_ms: u32,
    /// How long a handshake may take, from constructing the socket to its `open` event.
    /// API Gateway holds the handshake until the authorizer and `$connect` have both answered
    /// (at most 29 s each, usually a cold start of a second or two).
    pub handshake_timeout_ms: u32,
    /// The longest wait before the first retry; doubled after each further failure.
    pub first_retry_ms: u32,
    /// The longest wait before any retry.
    pub max_retry_ms: u32,
    /// How long a socket must stay open before the retry delay starts from
    /// [`first_retry_ms`](Self::first_retry_ms) again. A server that accepts and then drops is
    /// therefore not hammered.
    pub stable_after_ms: u32,
    /// How many messages may wait for a socket; one more is refused, never silently dropped.
    pub max_queued_messages: u32,
}

/// One entry of [`Config::KNOBS`]: the option's name in JavaScript, its default and its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knob {
    /// The option's name in the npm package.
    pub name: &'static str,
    /// The value where the app gives none.
    pub default: u32,
    /// The least value accepted.
    pub min: u32,
    /// The greatest value accepted.
    pub max: u32,
}

/// A browser keeps timers in a signed 32-bit number of milliseconds; an hour is far below it and
/// longer than anybody wants to wait for one step of a connection.
const HOUR_MS: u32 = 3_600_000;

impl Config {
    /// What an app gets that sets nothing.
    pub const DEFAULT: Self = Self {
        token_timeout_ms: 10_000,
        handshake_timeout_ms: 15_000,
        first_retry_ms: 1_000,
        max_retry_ms: 30_000,
        stable_after_ms: 10_000,
        max_queued_messages: 256,
    };

    /// The knobs in the order in which the npm package passes them.
    pub const KNOBS: [Knob; 6] = [
        Knob { name: "tokenTimeoutMs", default: Self::DEFAULT.token_timeout_ms, min: 1, max: HOUR_MS },
        Knob {
            name: "handshakeTimeoutMs",
            default: Self::DEFAULT.handshake_timeout_ms,
            min: 1,
            max: HOUR_MS,
        },
        Knob { name: "firstRetryMs", default: Self::DEFAULT.first_retry_ms, min: 1, max: HOUR_MS },
        Knob { name: "maxRetryMs", default: Self::DEFAULT.max_retry_ms, min: 1, max: HOUR_MS },
        Knob { name: "stableAfterMs", default: Self::DEFAULT.stable_after_ms, min: 0, max: HOUR_MS },
        Knob { name: "maxQueuedMessages", default: Self::DEFAULT.max_queued_messages, min: 0, max: 65_536 },
    ];

    /// The configuration that has `values` for [`KNOBS`](Self::KNOBS), in that order; `None` if
    /// their number is another.
    #[must_use]
    pub const fn from_knobs(values: &[u32]) -> Option<Self> {
        match *values {
            [
                token_timeout_ms,
                handshake_timeout_ms,
                first_retry_ms,
                max_retry_ms,
                stable_after_ms,
                max_queued_messages,
            ] => Some(Self {
                token_timeout_ms,
                handshake_timeout_ms,
                first_retry_ms,
                max_retry_ms,
                stable_after_ms,
                max_queued_messages,
            }),
            _ => None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

//! Every knob of a connection: its unit, its default, and the limit it answers to.

use core::mem::offset_of;

/// How a connection behaves. Times are in milliseconds, sizes in bytes of UTF-8.
///
/// The defaults are the profile of API Gateway. The npm package takes the same knobs by the names
/// in [`Config::KNOBS`].
// Laid out as it is written, since the npm package's TypeScript writes it as numbers in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Config {
    /// How long the app's token function may take. A token is fetched for every attempt, and a
    /// refresh that hangs must not hang the connection.
    pub token_timeout_ms: u32,
    /// How long a handshake may take, from constructing the socket to its `open` event.
    /// API Gateway holds the handshake until the authorizer and `$connect` have both answered
    /// (at most 29 s each, usually a cold start of a second or two).
    pub handshake_timeout_ms: u32,
    /// The longest wait before the first retry.
    pub first_retry_ms: u32,
    /// The longest wait before any retry while somebody looks at the page: what the waits of an
    /// outage of a quarter of an hour come to. After two minutes they are about half as long.
    pub max_retry_ms: u32,
    /// The longest wait before any retry while nobody looks; whoever comes back ends the wait.
    pub hidden_max_retry_ms: u32,
    /// The longest wait after a token was refused although it had been refreshed: a token that is
    /// refused does not get better by being shown more often.
    pub auth_retry_ms: u32,
    /// How long a socket must stay open before past failures are forgotten. A server that accepts
    /// and then drops is therefore not hammered.
    pub stable_after_ms: u32,
    /// How many attempts in a row may fail before the connection is given up; 0: any number.
    pub max_attempts: u32,
    /// How long a socket may be silent before it is asked for a sign of life; 0: never asked.
    /// Every heartbeat is two billed messages, so it is sent into silence only.
    pub heartbeat_ms: u32,
    /// The same while nobody looks at the page.
    pub hidden_heartbeat_ms: u32,
    /// How long the answer to a heartbeat may take. It is repeated after a fifth of it; where
    /// answers come sooner than that, the second one has no longer.
    pub heartbeat_timeout_ms: u32,
    /// 1: a heartbeat without an answer means that the socket is dead, from the start. 0: only
    /// after this server has answered one; a server that knows nothing of heartbeats is not
    /// judged by its silence.
    pub heartbeat_required: u32,
    /// How long the service lets a socket live; 0: for ever. API Gateway: 2 hours.
    pub max_life_ms: u32,
    /// How long the service lets a socket be silent; 0: for ever. API Gateway: 10 minutes.
    pub idle_limit_ms: u32,
    /// How long before the end of its life a socket is replaced, at the most; the moment is drawn
    /// between a third of this and all of it, so that a fleet which connected together does not
    /// come back together.
    pub rotate_early_ms: u32,
    /// How long before its token expires a socket is replaced; 0: not for that reason. API
    /// Gateway looks at the token during the handshake only.
    pub rotate_before_expiry_ms: u32,
    /// How long a replaced socket may go on bringing messages and answers. API Gateway's handlers
    /// may take 29 s.
    pub drain_ms: u32,
    /// The longest URL, token included, in characters; 0: any. API Gateway: 4096.
    pub max_url_length: u32,
    /// The largest message; 0: any. API Gateway: 128 KiB.
    pub max_message_bytes: u32,
    /// The largest frame; 0: any. API Gateway: 32 KiB. Browsers send a message in one frame, so
    /// this is what limits a message in practice.
    pub max_frame_bytes: u32,
    /// How many messages may wait for a socket.
    pub max_queued_messages: u32,
    /// How many bytes of messages may wait for a socket.
    pub max_queued_bytes: u32,
    /// How long a message may wait for a socket; 0: as long as it takes.
    pub max_queued_ms: u32,
    /// What happens to a message that finds the outbox full. 0: it is refused; 1: those that have
    /// waited longest make room. Nothing is dropped without a word.
    pub drop_oldest: u32,
    /// 1: a greeting goes before every other message on each socket.
    pub greets: u32,
    /// Close codes that end the connection: ranges `[from, to]`, both ends included; `[0, 0]` is
    /// none. See [`close`](crate::close) for the default.
    pub final_codes: [[u16; 2]; FINAL_CODES],
}

/// How many ranges [`Config::final_codes`] has room for.
pub const FINAL_CODES: usize = 8;

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
const DAY_MS: u32 = 86_400_000;
const GIB: u32 = 1 << 30;

/// Declares [`Config::DEFAULT`] and [`Config::KNOBS`] from one table, so that they cannot come
/// apart, nor from the order of the fields.
macro_rules! knobs {
    ($($field:ident $name:literal = $default:literal, $min:literal ..= $max:expr;)*) => {
        impl Config {
            /// What an app gets that sets nothing: the profile of API Gateway.
            pub const DEFAULT: Self = Self { $($field: $default,)* final_codes: crate::close::FINAL };

            /// The place of a configuration that is yet to be written.
            #[cfg(all(target_arch = "wasm32", feature = "npm"))]
            pub(crate) const UNSET: Self = Self { $($field: 0,)* final_codes: [[0; 2]; FINAL_CODES] };

            /// The knobs that are numbers, in the order of the fields.
            pub const KNOBS: [Knob; [$($name),*].len()] =
                [$(Knob { name: $name, default: $default, min: $min, max: $max }),*];
        }

        // The table has the order of the fields.
        const _: () = {
            let mut offset = 0;
            $(
                assert!(offset_of!(Config, $field) == offset);
                offset += size_of::<u32>();
            )*
            assert!(offset_of!(Config, final_codes) == offset);
        };
    };
}

knobs! {
    token_timeout_ms "tokenTimeoutMs" = 10_000, 1..=HOUR_MS;
    handshake_timeout_ms "handshakeTimeoutMs" = 15_000, 1..=HOUR_MS;
    first_retry_ms "firstRetryMs" = 1_000, 1..=HOUR_MS;
    max_retry_ms "maxRetryMs" = 100_000, 1..=HOUR_MS;
    hidden_max_retry_ms "hiddenMaxRetryMs" = 300_000, 1..=HOUR_MS;
    auth_retry_ms "authRetryMs" = 300_000, 1..=HOUR_MS;
    stable_after_ms "stableAfterMs" = 10_000, 0..=HOUR_MS;
    max_attempts "maxAttempts" = 0, 0..=GIB;
    heartbeat_ms "heartbeatMs" = 30_000, 0..=HOUR_MS;
    hidden_heartbeat_ms "hiddenHeartbeatMs" = 240_000, 0..=HOUR_MS;
    heartbeat_timeout_ms "heartbeatTimeoutMs" = 10_000, 1..=HOUR_MS;
    heartbeat_required "heartbeatRequired" = 0, 0..=1;
    max_life_ms "maxLifeMs" = 7_200_000, 0..=DAY_MS;
    idle_limit_ms "idleLimitMs" = 600_000, 0..=DAY_MS;
    rotate_early_ms "rotateEarlyMs" = 900_000, 1..=DAY_MS;
    rotate_before_expiry_ms "rotateBeforeExpiryMs" = 0, 0..=DAY_MS;
    drain_ms "drainMs" = 30_000, 0..=HOUR_MS;
    max_url_length "maxUrlLength" = 4_096, 0..=GIB;
    max_message_bytes "maxMessageBytes" = 131_072, 0..=GIB;
    max_frame_bytes "maxFrameBytes" = 32_768, 0..=GIB;
    max_queued_messages "maxQueuedMessages" = 256, 0..=65_536;
    max_queued_bytes "maxQueuedBytes" = 1_048_576, 0..=GIB;
    max_queued_ms "maxQueuedMs" = 0, 0..=DAY_MS;
    drop_oldest "dropOldest" = 0, 0..=1;
    greets "greets" = 0, 0..=1;
}

impl Config {
    /// The largest message that may be sent, and the knob that says so.
    #[must_use]
    pub fn message_limit(&self) -> u32 {
        limit(self.max_message_bytes).min(limit(self.max_frame_bytes))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// 0 means that there is none.
pub(crate) const fn limit(knob: u32) -> u32 {
    if knob == 0 { u32::MAX } else { knob }
}

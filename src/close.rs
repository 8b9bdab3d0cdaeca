//! What a close code means: try again or stop, and in words.
//!
//! Sources: RFC 6455 section 7.4 and the IANA registry for the names, the API Gateway developer
//! guide for what the service means by them.

use crate::config::FINAL_CODES;

/// What to do after a socket has closed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Try again, with the next delay.
    Retry,
    /// Try again, but the server sees too many clients: come back more spread.
    RetrySpread,
    /// Stay closed until the app opens the client again.
    Stop,
}

/// 1000, sent when the app closes the client or asks for a new socket.
pub const NORMAL: u16 = 1000;

/// 1009, by which a server says that a message or a frame was too big for it.
pub const TOO_BIG: u16 = 1009;

/// The codes that end a connection unless the app says otherwise.
///
/// Nearly everything is worth another attempt, 1000 included: API Gateway closes with it when a
/// backend deletes the connection, and the next attempt brings a fresh token. The exception is
/// 4400–4499, which by the custom that follows HTTP's 4xx says that the client itself is at
/// fault; out of those, 4408 (timeout), 4425 (too early) and 4429 (too many requests) pass with
/// time, as their HTTP models do.
pub const FINAL: [[u16; 2]; FINAL_CODES] =
    [[4400, 4407], [4409, 4424], [4426, 4428], [4430, 4499], [0, 0], [0, 0], [0, 0], [0, 0]];

/// Whether a connection comes back after its socket closed with `code`, where the codes in
/// `finals` end it.
#[must_use]
pub fn verdict(code: u16, finals: &[[u16; 2]]) -> Verdict {
    if finals.iter().any(|[from, to]| (*from..=*to).contains(&code)) {
        return Verdict::Stop;
    }
    match code {
        // The service's throttle; RFC 6455's "try again later"; HTTP's 429.
        1008 | 1013 | 4429 => Verdict::RetrySpread,
        _ => Verdict::Retry,
    }
}

/// What `code` says, for a person.
#[must_use]
pub const fn explain(code: u16) -> &'static str {
    match code {
        1000 => "closed normally by the server",
        1001 => "the server is going away: its idle or lifetime limit, or a restart",
        1002 => "the server saw a protocol error",
        1003 => "the server does not take binary frames",
        1005 => "closed by the server without a code",
        1006 => "the connection broke",
        1007 => "the server saw text that is not UTF-8",
        1008 => "the server's policy: too many requests",
        1009 => "a message was too big for the server",
        1011 => "the server had an internal error",
        1012 => "the server restarts",
        1013 => "the server asks to try again later",
        1015 => "the TLS handshake failed",
        4408 => "the server timed out waiting for this client",
        4425 => "too early for the server",
        4429 => "the server sees too many requests",
        4400..=4499 => "the server refuses this client",
        _ => "closed by the server",
    }
}

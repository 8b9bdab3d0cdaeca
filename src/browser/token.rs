//! Tokens: what they say of themselves, and what became of them.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{JSON, Reflect};

use super::clock::wall_clock_ms;
use crate::{Generation, TokenHistory};

/// The tokens that matter: of the attempts that go on, and the last ones that a server took or
/// refused. They are kept out of the machine, whose state may be looked at and logged.
#[derive(Default)]
pub(super) struct Tokens {
    of_attempts: Vec<(Generation, String)>,
    accepted: Option<String>,
    refused: Option<String>,
}

impl Tokens {
    /// What became of this very token before. That it was taken once speaks louder.
    pub(super) fn history(&self, token: &str) -> TokenHistory {
        if self.accepted.as_deref() == Some(token) {
            TokenHistory::Accepted
        } else if self.refused.as_deref() == Some(token) {
            TokenHistory::Refused
        } else {
            TokenHistory::New
        }
    }

    /// Keeps the token of an attempt.
    pub(super) fn keep(&mut self, generation: Generation, token: String) {
        // There are two attempts at the most, and these are the latest.
        if self.of_attempts.len() > 1 {
            self.of_attempts.remove(0);
        }
        self.of_attempts.push((generation, token));
    }

    /// The token of an attempt.
    pub(super) fn of(&self, generation: Generation) -> Option<&str> {
        self.of_attempts.iter().find(|(of, _)| *of == generation).map(|(_, token)| token.as_str())
    }

    /// The attempt is over, and nobody knows what the server thinks of its token.
    pub(super) fn forget(&mut self, generation: Generation) {
        self.of_attempts.retain(|(of, _)| *of != generation);
    }

    /// The attempt's handshake has ended.
    pub(super) fn settle(&mut self, generation: Generation, was_accepted: bool) {
        if let Some(place) = self.of_attempts.iter().position(|(of, _)| *of == generation) {
            let (_, token) = self.of_attempts.remove(place);
            *(if was_accepted { &mut self.accepted } else { &mut self.refused }) = Some(token);
        }
    }
}

/// How long a token is still good for, in milliseconds, if it is a JWT that says so.
pub(super) fn lives_ms(token: &str) -> Option<u32> {
    let payload = String::from_utf8(base64url(token.split('.').nth(1)?)?).ok()?;
    let claims = JSON::parse(&payload).ok()?;
    let expires_s = Reflect::get(&claims, &"exp".into()).ok()?.as_f64()?;
    // Saturates at both ends; a NaN becomes 0.
    Some((expires_s * 1_000.0 - wall_clock_ms()) as u32)
}

/// RFC 4648, section 5, without padding, as JWTs have it (RFC 7515, section 2).
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0u32;
    let mut count = 0u32;
    for digit in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | sextet(digit)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    }))
}

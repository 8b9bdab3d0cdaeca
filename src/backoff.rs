//! When to try again: doubled after each failure up to a cap, and spread at random below it.
//!
//! The jitter is drawn after the cap and over almost the whole range, because that is what
//! spreads a crowd: a thousand clients that lost the same server must not come back in the same
//! second, least of all those that have waited longest. It is a pure function of the
//! connection's seed and the number of failures, so that a run can be repeated exactly.

use crate::Config;

/// The longest wait before retry number `failures` (1 is the first), in milliseconds, before
/// jitter: [`Config::first_retry_ms`], doubled for each further failure, at most
/// [`Config::max_retry_ms`].
#[must_use]
pub fn ceiling_ms(config: &Config, failures: u32) -> u32 {
    let doublings = failures.saturating_sub(1);
    let factor = 1u32.checked_shl(doublings).unwrap_or(u32::MAX);
    config.first_retry_ms.saturating_mul(factor).min(config.max_retry_ms)
}

/// The wait before retry number `failures`, in milliseconds: uniform between half of the first
/// retry's ceiling (a pause long enough for a restarting server, short enough to go unnoticed)
/// and [`ceiling_ms`].
#[must_use]
pub fn delay_ms(config: &Config, seed: u64, failures: u32) -> u32 {
    let ceiling = ceiling_ms(config, failures);
    let floor = (config.first_retry_ms / 2).min(ceiling);
    let choices = u64::from(ceiling - floor) + 1;
    // The high 32 bits of a draw times the number of choices: uniform without a division.
    let draw = mix(seed ^ u64::from(failures)) >> 32;
    floor + ((draw * choices) >> 32) as u32
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the input moves every
/// bit of the output.
const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

//! When to try again: soon at first, then less and less often, up to a cap.
//!
//! A thousand clients that lose the same server must not come back in the same second, and the
//! gaps between them must not leave its quota unused either. So each client keeps one place in the
//! crowd for a whole outage: all walk the same curve of delays, each from its own place, and each
//! retry spreads the crowd evenly over a stretch of time that begins where the last one ended.
//! Drawing only afresh each time would bunch some clients up and leave others for the end. A part
//! of each wait is drawn afresh all the same, after the cap, which evens out what is left uneven.
//! `fleet/` measures it, and docs/results/fleet.md has the figures by which this was chosen.
//!
//! A delay is a pure function of its arguments, so that a run can be repeated exactly.

use crate::Config;

/// How urgent the next attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Chances are good that the next socket opens: one that had proven itself was lost, or the
    /// network or the user has come back.
    Soon,
    /// Something failed, and may fail again.
    Usual,
    /// The server sees too many clients.
    Spread,
    /// The token is at fault, and a refresh did not help.
    Long,
}

/// Which attempt a delay is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// Stands for one client in one outage: its place in the crowd.
    pub seed: u64,
    /// How many attempts or sockets were lost in this outage; 1 for the first retry.
    pub failures: u32,
    /// Whether somebody looks at the page.
    pub is_visible: bool,
}

/// The longest wait before a retry, in milliseconds: [`Config::first_retry_ms`], doubled for each
/// further failure, at most [`Config::max_retry_ms`] (where nobody looks:
/// [`Config::hidden_max_retry_ms`]).
#[must_use]
pub fn ceiling_ms(config: &Config, failures: u32, is_visible: bool) -> u32 {
    let doublings = failures.saturating_sub(1);
    let factor = 1u32.checked_shl(doublings).unwrap_or(u32::MAX);
    config.first_retry_ms.saturating_mul(factor).min(cap_ms(config, is_visible))
}

fn cap_ms(config: &Config, is_visible: bool) -> u32 {
    if is_visible { config.max_retry_ms } else { config.hidden_max_retry_ms.max(config.max_retry_ms) }
}

/// The wait before an attempt, in milliseconds.
#[must_use]
pub fn delay_ms(config: &Config, attempt: Attempt, pace: Pace) -> u32 {
    let cap = cap_ms(config, attempt.is_visible);
    let fresh = draw(attempt.seed, attempt.failures);
    match pace {
        Pace::Soon => usual_ms(config.first_retry_ms.min(cap), cap, Attempt { failures: 1, ..attempt }),
        Pace::Usual => usual_ms(config.first_retry_ms.min(cap), cap, attempt),
        Pace::Spread => between((config.first_retry_ms / 2).min(cap), cap, fresh),
        Pace::Long => between(config.auth_retry_ms / 2, config.auth_retry_ms, fresh),
    }
}

/// Two curves, and the lower one counts. The steep one: the first retry within `first_ms`, at once
/// for some; the second ends at five quarters of that, each further one at twice the one before.
/// The flat one takes over after a minute or two, at about half of the cap, and grows by 1/16 each
/// time until it is there. The steep one keeps a small fleet's return short, the flat one keeps a
/// single client's wait short beside the outage, and spares a server that a million clients besiege
/// for half an hour.
fn usual_ms(first_ms: u32, cap_ms: u32, Attempt { seed, failures, .. }: Attempt) -> u32 {
    let (first, cap) = (u64::from(first_ms), u64::from(cap_ms));
    let place = u64::from(draw(seed, 0) >> 16);
    let delay = if failures <= 1 {
        part(first, place)
    } else {
        let (mut steep, mut flat) = (first * 5 / 4, first.max(cap * 3 / 8));
        // More would change nothing: both are beyond the cap, from a millisecond to an hour.
        for _ in 2..failures.min(40) {
            steep = (2 * steep).min(3 * cap);
            // Rounded up: one millisecond must grow too.
            flat += flat.div_ceil(16);
        }
        // From half of its end to the whole, 2^place: as many clients in each equal share of the
        // time that has passed. A parabola is within a hundredth of it.
        let floor = steep / 2;
        let steep = floor + part(floor, (place * ((2 << 16) + place) / 3) >> 16);
        let flat = (flat + part(flat / 16, place)).min(cap);
        // Less off the flat one, on which most of the attempts are made: shorter waits cost most there.
        let fresh = u64::from(draw(seed, failures) >> 16);
        (steep - part(steep * 30 / 100, fresh)).min(flat - part(flat * 12 / 100, fresh))
    };
    // Never more than `cap_ms`, which fits.
    delay as u32
}

/// So many 65,536ths of `ms`.
const fn part(ms: u64, share: u64) -> u64 {
    (ms * share) >> 16
}

/// A number from `from` to `to`, both included, as `draw` has it.
#[must_use]
pub fn between(from: u32, to: u32, draw: u32) -> u32 {
    let choices = u64::from(to.saturating_sub(from)) + 1;
    // The draw, as a fraction of 2^32, times the number of choices: uniform without a division.
    from + ((u64::from(draw) * choices) >> 32) as u32
}

/// A number that looks random, for the `number`th time that one with this seed is needed. The
/// finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the input moves every bit
/// of the output.
#[must_use]
pub const fn draw(seed: u64, number: u32) -> u32 {
    let mut z = (seed ^ number as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 32) as u32
}

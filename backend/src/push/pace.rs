//! Slows down all posts when API Gateway throttles one: they share one quota.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The first wait is this long at most; each further one at most twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// When posts may go on.
#[derive(Debug, Default)]
pub(super) struct Pace {
    resume_at: Mutex<Option<Instant>>,
}

impl Pace {
    /// Nobody posts before then.
    pub(super) fn pause_until(&self, then: Instant) {
        let mut resume_at = self.resume_at.lock().unwrap_or_else(PoisonError::into_inner);
        *resume_at = (*resume_at).max(Some(then));
    }

    /// When the next post may go, if not at once. Not all at the same moment: that would be throttled again.
    pub(super) fn resume_at(&self) -> Option<Instant> {
        let resume_at = *self.resume_at.lock().unwrap_or_else(PoisonError::into_inner);
        resume_at.filter(|then| *then > Instant::now()).map(|then| then + FIRST_WAIT.mul_f64(fastrand::f64()))
    }
}

/// How long to wait after this many throttled tries in a row: "equal jitter", half of it random.
pub(super) fn backoff(throttled: u32) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(throttled.saturating_sub(1)));
    longest.min(LONGEST_WAIT).mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_are_spread() {
        for (throttled, longest_ms) in [(1, 100), (2, 200), (4, 800), (6, 2000), (u32::MAX, 2000)] {
            let waits: Vec<_> = (0..200).map(|_| backoff(throttled)).collect();
            let longest = Duration::from_millis(longest_ms);
            assert!(waits.iter().all(|wait| (longest / 2..=longest).contains(wait)));
            let middle = longest * 3 / 4;
            assert!(waits.iter().any(|wait| *wait < middle) && waits.iter().any(|wait| *wait > middle));
        }
    }

    #[test]
    fn a_later_pause_is_not_cut_short_by_an_earlier_one() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.resume_at(), None);
        pace.pause_until(now + Duration::from_secs(60));
        pace.pause_until(now + Duration::from_secs(1));
        assert!(pace.resume_at().is_some_and(|then| then >= now + Duration::from_secs(60)));
    }
}

//! The quota on new connections.

/// API Gateway's default quota of new connections per second, per account and region.
pub const HANDSHAKES_PER_SECOND: u32 = 500;

/// A token bucket that holds one second's worth: what API Gateway throttles with, as far as its
/// documentation says. It starts full.
#[derive(Clone, Debug)]
pub struct Gateway {
    handshakes_per_second: u64,
    /// In thousandths of a handshake, so that a millisecond's refill is a whole number.
    credit: u64,
    /// In milliseconds.
    refilled_at: u64,
}

impl Gateway {
    /// A gateway whose bucket is full at `now`, in milliseconds.
    #[must_use]
    pub fn new(handshakes_per_second: u32, now: u64) -> Self {
        let handshakes_per_second = u64::from(handshakes_per_second);
        Self { handshakes_per_second, credit: handshakes_per_second * 1_000, refilled_at: now }
    }

    /// Whether a handshake that arrives at `now` (in milliseconds, never earlier than the last
    /// one) is accepted. One that is refused costs nothing.
    pub fn admits(&mut self, now: u64) -> bool {
        let refill = (now - self.refilled_at) * self.handshakes_per_second;
        self.credit = (self.credit + refill).min(self.handshakes_per_second * 1_000);
        self.refilled_at = now;
        let admitted = self.credit >= 1_000;
        if admitted {
            self.credit -= 1_000;
        }
        admitted
    }
}

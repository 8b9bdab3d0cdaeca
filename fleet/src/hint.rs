//! A server that says, before it drops its sockets, when to come back.

use crate::policy::{Policy, uniform};

/// A policy whose clients got a hint: the first retry follows the hint, the others the policy.
pub struct Hinted<'a> {
    /// What the clients do without a hint.
    pub policy: &'a dyn Policy,
    /// How long the server will be away, in milliseconds.
    pub retry_after_ms: u32,
    /// Over how long after that the first retries are to be spread, in milliseconds.
    pub spread_ms: u32,
}

impl Policy for Hinted<'_> {
    fn name(&self) -> &str {
        self.policy.name()
    }

    fn delay_ms(&self, seed: u64, failures: u32) -> Option<u32> {
        match failures {
            1 => Some(self.retry_after_ms + uniform(seed, failures, 0, self.spread_ms)),
            _ => self.policy.delay_ms(seed, failures),
        }
    }

    fn stable_after_ms(&self) -> u64 {
        self.policy.stable_after_ms()
    }
}

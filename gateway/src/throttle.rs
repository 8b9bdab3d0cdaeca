//! API Gateway's limits on how much comes per second.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::Config;

/// Token buckets, as AWS has them: so many at once, and so many per second after that.
pub(crate) struct Throttle {
    connections: Option<DefaultDirectRateLimiter>,
    requests: Option<DefaultDirectRateLimiter>,
}

impl Throttle {
    pub(crate) fn new(config: &Config) -> Self {
        // Undocumented [U]: the burst of new connections. One second's worth.
        let connections = bucket(config.connections_per_second, config.connections_per_second);
        Self { connections, requests: bucket(config.requests_per_second, config.request_burst) }
    }

    /// Whether one more handshake fits.
    pub(crate) fn allows_connection(&self) -> bool {
        allows(&self.connections)
    }

    /// Whether one more message or call of `/@connections` fits: they share the account's limit.
    pub(crate) fn allows_request(&self) -> bool {
        allows(&self.requests)
    }
}

fn bucket(per_second: u32, burst: u32) -> Option<DefaultDirectRateLimiter> {
    let per_second = NonZeroU32::new(per_second)?;
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    Some(RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst)))
}

fn allows(bucket: &Option<DefaultDirectRateLimiter>) -> bool {
    bucket.as_ref().is_none_or(|bucket| bucket.check().is_ok())
}

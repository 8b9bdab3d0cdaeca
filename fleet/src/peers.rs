//! What other clients do by default, read in the source of the version named, and what is often
//! recommended. All that reconnect by default and whose retries follow from their failures are
//! here. Missing are react-use-websocket (reconnects only if told to), leptos-use (three retries
//! in a page's life) and pusher-js (goes through other transports in between).

use crate::policy::{Policy, share, uniform};
use crate::simulation::{HANDSHAKE_MS, TOKEN_MS};

/// Every policy that the command line knows by name.
pub static ALL: &[&Policy] = &[
    &ARTICLE,
    &PARTYSOCKET,
    &RECONNECTING_WEBSOCKET,
    &GRAPHQL_WS,
    &CENTRIFUGE,
    &SOCKET_IO,
    &PHOENIX,
    &SUPABASE,
    &ABLY,
    &AMPLIFY,
    &FULL_JITTER,
];

/// The client that Everwire replaces, as the article prints it: `handleClose` waits
/// `reconnectTime` seconds and doubles it, `handleOpen` sets it to 1. No cap, no jitter.
static ARTICLE: Policy = Policy {
    name: "article",
    model_of: "the article's client",
    delay_ms: |_, failures| Some(doubled(1_000, failures, u32::MAX)),
    stable_after_ms: 0,
    online_delay_ms: None,
};

/// `dist/ws.js`: `_getNextDelay` with `DEFAULT`, `_acceptOpen` after `minUptime`.
static PARTYSOCKET: Policy = Policy {
    name: "partysocket",
    model_of: "partysocket 1.3.0",
    delay_ms: |_, failures| Some(grown(3_000.0, 1.3, failures, 10_000.0)),
    stable_after_ms: 5_000,
    online_delay_ms: None,
};

/// `dist/reconnecting-websocket-mjs.js`: as partysocket, but `minReconnectionDelay` is drawn when
/// the module is loaded, once per page.
static RECONNECTING_WEBSOCKET: Policy = Policy {
    name: "reconnecting-websocket",
    model_of: "reconnecting-websocket 4.4.0",
    delay_ms: |seed, failures| {
        let first_ms = f64::from(uniform(seed, 0, 1_000, 5_000));
        Some(grown(first_ms, 1.3, failures, 10_000.0))
    },
    stable_after_ms: 5_000,
    online_delay_ms: None,
};

/// `dist/client.js`: `retryWait` is `randomisedExponentialBackoff`. A handshake that is refused
/// fires `error` before `close`, an error is no close event, and `shouldRetry` is
/// `isLikeCloseEvent`: so it gives up there, with four of its five `retryAttempts` left.
static GRAPHQL_WS: Policy = Policy {
    name: "graphql-ws",
    model_of: "graphql-ws 6.4.2",
    delay_ms: |seed, failures| (failures == 1).then(|| 1_000 + uniform(seed, failures, 300, 2_999)),
    stable_after_ms: 0,
    online_delay_ms: None,
};

/// `build/index.js`: `backoff(step, 500, 20000)` with steps from 0; `onOnline` starts at once.
static CENTRIFUGE: Policy = Policy {
    name: "centrifuge",
    model_of: "centrifuge 5.8.0",
    delay_ms: |seed, failures| {
        let interval = uniform(seed, failures, 0, doubled(500, failures, 20_000));
        Some((500 + interval).min(20_000))
    },
    stable_after_ms: 0,
    online_delay_ms: Some(0),
};

/// `build/esm/contrib/backo2.js`: one draw decides how much a delay deviates and to which side,
/// and the cap comes after it: from the fourth retry on nearly all delays are the cap.
static SOCKET_IO: Policy = Policy {
    name: "socket.io",
    model_of: "socket.io-client 4.8.4",
    delay_ms: |seed, failures| {
        let middle = f64::from(doubled(1_000, failures, 1 << 30));
        let drawn = share(seed, failures);
        let deviation = (drawn * 0.5 * middle).floor();
        let is_less = ((drawn * 10.0) as u32).is_multiple_of(2);
        let delay = if is_less { middle - deviation } else { middle + deviation };
        Some(delay.min(5_000.0) as u32)
    },
    stable_after_ms: 0,
    online_delay_ms: None,
};

/// `assets/js/phoenix/socket.js`: `reconnectAfterMs`, a table; reset in `onConnOpen`.
static PHOENIX: Policy = Policy {
    name: "phoenix",
    model_of: "phoenix 1.8.16",
    delay_ms: |_, failures| Some(tabled(&[10, 50, 100, 150, 200, 250, 500, 1_000, 2_000], failures, 5_000)),
    stable_after_ms: 0,
    online_delay_ms: None,
};

/// `src/RealtimeClient.ts`: `RECONNECT_INTERVALS`, over phoenix's timer.
static SUPABASE: Policy = Policy {
    name: "supabase",
    model_of: "@supabase/realtime-js 2.109.0",
    delay_ms: |_, failures| Some(tabled(&[1_000, 2_000, 5_000], failures, 10_000)),
    stable_after_ms: 0,
    online_delay_ms: None,
};

/// `src/common/lib/transport/connectionmanager.ts`, `notifyState`, with an endpoint of one's own,
/// so without fallback hosts: at once; then `getRetryTime(15 s, n)` with n from 2; two minutes
/// after the first attempt (`connectionStateTtl`) whoever waits starts anew, 30 s without jitter.
static ABLY: Policy = Policy {
    name: "ably",
    model_of: "ably 2.28.0",
    delay_ms: |seed, failures| {
        const SUSPENDED_AFTER_MS: u32 = 120_000;
        const SUSPENDED_RETRY_MS: u32 = 30_000;
        let mut passed = 0;
        for failure in 2..=failures {
            let coefficient = (f64::from(failure + 2) / 3.0).min(2.0);
            let delay = (15_000.0 * coefficient * (1.0 - share(seed, failure) * 0.2)) as u32;
            passed += ATTEMPT_MS;
            if passed + delay > SUSPENDED_AFTER_MS {
                let is_waiting = failure == failures;
                let until = SUSPENDED_AFTER_MS.saturating_sub(passed) + SUSPENDED_RETRY_MS;
                return Some(if is_waiting { until } else { SUSPENDED_RETRY_MS });
            }
            if failure == failures {
                return Some(delay);
            }
            passed += delay;
        }
        Some(0)
    },
    stable_after_ms: 0,
    online_delay_ms: Some(0),
};

/// aws-amplify's subscriptions, @aws-amplify/api-graphql 4.10.1: `ReconnectionMonitor` begins 5 s
/// after a loss and again every 60 s; each time `jitteredExponentialRetry` makes six attempts.
static AMPLIFY: Policy = Policy {
    name: "amplify",
    model_of: "aws-amplify 6.22.1",
    delay_ms: |seed, failures| {
        const BURST: u32 = 6;
        let jittered =
            |failure: u32| (100 << ((failure - 1) % BURST)) + (100.0 * share(seed, failure)) as u32;
        Some(match (failures, (failures - 1) % BURST) {
            (1, _) => 5_000,
            (_, 0) => {
                let burst = (failures - BURST + 1..failures).map(jittered).sum::<u32>();
                60_000 - burst - BURST * ATTEMPT_MS
            }
            _ => jittered(failures),
        })
    },
    stable_after_ms: 0,
    online_delay_ms: Some(5_000),
};

/// What AWS's architecture blog calls full jitter and recommends, from 1 s up to 30 s.
static FULL_JITTER: Policy = Policy {
    name: "full-jitter-30",
    model_of: "full jitter up to 30 s",
    delay_ms: |seed, failures| Some(uniform(seed, failures, 0, doubled(1_000, failures, 30_000))),
    stable_after_ms: 10_000,
    online_delay_ms: None,
};

/// How long an attempt takes that is refused.
const ATTEMPT_MS: u32 = (TOKEN_MS + HANDSHAKE_MS) as u32;

/// `first_ms`, doubled for each failure after the first, at most `cap_ms`.
fn doubled(first_ms: u32, failures: u32, cap_ms: u32) -> u32 {
    let factor = 1u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
    first_ms.saturating_mul(factor).min(cap_ms)
}

/// `first_ms`, times `growth` for each failure after the first, at most `cap_ms`.
fn grown(first_ms: f64, growth: f64, failures: u32, cap_ms: f64) -> u32 {
    (first_ms * growth.powf(f64::from(failures - 1))).min(cap_ms) as u32
}

/// What the table says, and `after_ms` where it ends.
fn tabled(table: &[u32], failures: u32, after_ms: u32) -> u32 {
    table.get(failures as usize - 1).copied().unwrap_or(after_ms)
}

//! Every order of events, in small worlds: stateright walks all of them and holds the machine to
//! its invariants (named in ARCHITECTURE.md; `tests/seeded_bugs.rs` shows that each of them catches
//! a bug).
//!
//! A world holds what the machine cannot see: token requests, sockets and what the network does to
//! them, the app's greeting, and the effects that are not run yet, between which a listener may
//! call the client back. It runs effects as the browser's driver does: those that concern sockets
//! at once, those that call the app one at a time from a queue. What a world may do is bounded by
//! counts of actions, not by time. Several walks share the work: each is generous where its
//! subject is.

#![cfg(not(target_arch = "wasm32"))]

#[path = "model_check/properties.rs"]
mod properties;
#[path = "model_check/world.rs"]
mod world;

use everwire::{Config, PageEvent};
use stateright::{Checker, Expectation, HasDiscoveries, Model};
use world::{Budget, Kind, Walk};

/// Small, so that the walks end: what matters is the order of things, not how many of them there
/// are. Nothing is asked of a socket here, and no socket is replaced unless the app wants that.
const CONFIG: Config = Config {
    token_timeout_ms: 10,
    handshake_timeout_ms: 10,
    first_retry_ms: 2,
    max_retry_ms: 4,
    hidden_max_retry_ms: 8,
    auth_retry_ms: 16,
    stable_after_ms: 10,
    heartbeat_ms: 0,
    hidden_heartbeat_ms: 0,
    heartbeat_timeout_ms: 10,
    max_life_ms: 0,
    idle_limit_ms: 0,
    drain_ms: 5,
    max_queued_messages: 2,
    ..Config::DEFAULT
};

const HEARTBEAT: Config = Config { heartbeat_ms: 30, hidden_heartbeat_ms: 30, ..CONFIG };

/// The app calls, tokens and sockets fail.
const LOSSES: Walk = Walk {
    name: "losses",
    config: CONFIG,
    codes: &[1006, 4403],
    pages: &[],
    kinds: &[Kind::PLAIN],
    answers: false,
    budget: Budget {
        opens: 2,
        closes: 1,
        reconnects: 1,
        sends: 1,
        losses: 2,
        troubles: 1,
        timeouts: 2,
        sleeps: 1,
        ..Budget::NONE
    },
};

/// A server that answers heartbeats, a network that swallows them, a page that comes and goes.
const LIVENESS: Walk = Walk {
    name: "liveness",
    config: Config { heartbeat_required: 1, ..HEARTBEAT },
    codes: &[1006],
    pages: &[PageEvent::Offline, PageEvent::Resumed, PageEvent::Visible, PageEvent::Hidden],
    kinds: &[Kind::PLAIN],
    answers: true,
    budget: Budget {
        opens: 1,
        sends: 1,
        losses: 1,
        holes: 1,
        frames: 1,
        pages: 2,
        timeouts: 4,
        sleeps: 2,
        ..Budget::NONE
    },
};

/// The same with a server that knows nothing of heartbeats.
const SILENCE: Walk =
    Walk { name: "silence", config: Config { idle_limit_ms: 50, ..HEARTBEAT }, answers: false, ..LIVENESS };

/// The page in every state, with an app that closes.
const PAGE: Walk = Walk {
    name: "page",
    config: HEARTBEAT,
    codes: &[1006, 1013],
    pages: &[
        PageEvent::Online,
        PageEvent::Offline,
        PageEvent::Visible,
        PageEvent::Hidden,
        PageEvent::Resumed,
        PageEvent::Stored,
        PageEvent::Shown,
    ],
    kinds: &[Kind::PLAIN],
    answers: true,
    budget: Budget {
        opens: 2,
        closes: 1,
        sends: 1,
        losses: 1,
        hints: 1,
        pages: 3,
        timeouts: 2,
        ..Budget::NONE
    },
};

/// A second socket beside the first, each of which may be lost at any moment.
const HAND_OVER: Walk = Walk {
    name: "hand-over",
    config: HEARTBEAT,
    codes: &[1006],
    pages: &[PageEvent::Stored],
    kinds: &[Kind::PLAIN],
    answers: true,
    budget: Budget {
        opens: 1,
        closes: 1,
        rotates: 2,
        sends: 1,
        losses: 2,
        troubles: 1,
        holes: 1,
        pages: 1,
        timeouts: 3,
        ..Budget::NONE
    },
};

/// A second socket that cannot be had, so that the first one has to make room for it.
const REFUSED: Walk = Walk {
    name: "refused hand-over",
    config: Config { max_life_ms: 40, rotate_early_ms: 6, ..CONFIG },
    codes: &[1006],
    pages: &[],
    kinds: &[Kind::PLAIN],
    answers: false,
    budget: Budget { opens: 1, rotates: 1, sends: 1, losses: 4, timeouts: 6, ..Budget::NONE },
};

/// A greeting on each socket, with messages that would like to be first.
const GREETING: Walk = Walk {
    name: "greeting",
    config: Config { greets: 1, ..HEARTBEAT },
    codes: &[1006],
    pages: &[PageEvent::Resumed],
    kinds: &[Kind::PLAIN],
    answers: true,
    budget: Budget {
        opens: 1,
        closes: 1,
        rotates: 1,
        sends: 1,
        losses: 1,
        troubles: 1,
        pages: 1,
        timeouts: 3,
        ..Budget::NONE
    },
};

/// Messages of every kind, an outbox that is full, sockets that are busy or do not take any more.
const OUTBOX: Walk = Walk {
    name: "outbox",
    config: Config { max_queued_bytes: 40, ..CONFIG },
    codes: &[1006, 1009],
    pages: &[],
    kinds: &[Kind { bytes: 35, ..Kind::KEYED }, Kind::PLAIN, Kind::EXPIRING, Kind::KEYED],
    answers: false,
    budget: Budget {
        opens: 1,
        closes: 1,
        sends: 4,
        cancels: 1,
        losses: 1,
        jams: 1,
        timeouts: 2,
        sleeps: 1,
        ..Budget::NONE
    },
};

/// The same where the oldest make room.
const DROPPING: Walk = Walk {
    name: "dropping outbox",
    config: Config { drop_oldest: 1, ..OUTBOX.config },
    budget: Budget { cancels: 0, losses: 1, ..OUTBOX.budget },
    ..OUTBOX
};

fn check(walk: Walk) {
    let name = walk.name;
    let checker = walk.checker().threads(1).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    println!(
        "model check, {name}: {} states visited, {} unique",
        checker.state_count(),
        checker.unique_state_count()
    );
    for property in checker.model().properties() {
        if property.expectation == Expectation::Always && checker.discovery(property.name).is_some() {
            println!("broken: {}", property.name);
        }
    }
    checker.assert_properties();
}

#[test]
fn losses_in_every_order_keep_every_invariant() {
    check(LOSSES);
}

#[test]
fn silence_of_a_server_that_answers_in_every_order_keeps_every_invariant() {
    check(LIVENESS);
}

#[test]
fn silence_of_a_server_that_never_answers_in_every_order_keeps_every_invariant() {
    check(SILENCE);
}

#[test]
fn the_page_s_life_in_every_order_keeps_every_invariant() {
    check(PAGE);
}

#[test]
fn hand_overs_in_every_order_keep_every_invariant() {
    check(HAND_OVER);
}

#[test]
fn refused_hand_overs_in_every_order_keep_every_invariant() {
    check(REFUSED);
}

#[test]
fn greetings_in_every_order_keep_every_invariant() {
    check(GREETING);
}

#[test]
fn messages_in_every_order_keep_every_invariant() {
    check(OUTBOX);
}

#[test]
fn messages_that_make_room_in_every_order_keep_every_invariant() {
    check(DROPPING);
}

#[test]
#[ignore = "minutes: part of npm run test:all"]
fn many_events_in_every_order_keep_every_invariant() {
    let deeper = |walk: Walk, budget: fn(Budget) -> Budget| {
        let budget = budget(walk.budget.clone());
        check(Walk { budget, ..walk });
    };
    deeper(LOSSES, |budget| Budget { closes: 2, sends: 2, ..budget });
    deeper(LIVENESS, |budget| Budget { sends: 2, ..budget });
    deeper(HAND_OVER, |budget| Budget { frames: 1, ..budget });
    deeper(REFUSED, |budget| Budget { closes: 1, sleeps: 1, ..budget });
    deeper(GREETING, |budget| Budget { sends: 2, frames: 1, ..budget });
    deeper(OUTBOX, |budget| Budget { jams: 2, ..budget });
}

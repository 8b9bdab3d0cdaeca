//! The Everwire client: keeps a browser app connected to a serverless WebSocket API.
//!
//! The heart is [`Connection`], a state machine without a clock, without randomness and without
//! I/O: [`Input`]s go in together with the present time, [`Effect`]s come out. Two drivers run
//! those effects on a browser's sockets, one timer and the page's events: `browser` (feature
//! `web`, on `wasm32`) with an API for Rust front ends, and the npm package's, in TypeScript, over
//! the numbers of `npm.rs` (feature `npm`).
//!
//! # The life of a connection
//!
//! ```text
//!                 Open, Reconnect                      TokenReady
//!   ┌────────┐ ───────────────────► ┌───────────────┐ ───────────► ┌────────────┐
//!   │ Closed │                      │ FetchingToken │              │ Connecting │
//!   └────────┘ ◄─┐                  └───────────────┘              └────────────┘
//!                │                    ▲           │ failed,           │       │ SocketOpened
//!        Close, from any state;       │           │ timed out         │       ▼
//!        a final close code;          │ Timeout   ▼          failed,  │    ┌──────┐
//!        a socket the browser       ┌─────────┐ ◄─────────────────────┘    │ Open │
//!        will not construct         │ Waiting │             timed out      └──────┘
//!                                   └─────────┘ ◄─────────────────────────────┘
//!                                                        SocketClosed, heartbeat unanswered
//!
//!   page stored, from any state but Closed ──► ┌───────────┐ ──► page shown: FetchingToken
//!                                              │ Suspended │
//!                                              └───────────┘
//!   While Open, a second socket may be on its way to take over, or a replaced one drain: [`Spare`].
//! ```
//!
//! # Layout
//!
//! - [`connection`](Connection): states, attempts, sockets · [`Input`], [`Effect`]: what goes in and comes out ·
//!   [`Snapshot`], [`Why`]: what it announces · [`Millis`], [`Generation`]: the order of things
//! - [`liveness`](Life): whether an open socket is alive · [`handover`](Spare): the second socket · `greeting.rs`: what
//!   goes first
//! - [`page`](Page): what the page goes through · [`diagnosis`](Diagnosis): why a handshake failed
//! - [`backoff`]: when to try again · [`close`]: what a close code means
//! - `sending.rs`, [`Outbox`]: what becomes of a message · [`Config`]: every knob
//! - [`Problem`]: what can go wrong, and what to do about it · [`endpoint`]: the URL and its token

// The machine cannot reach for a clock, a thread or a file, since it does not link what has them;
// and the browser downloads no panic messages.
#![no_std]
// A panic ends a client. Tests may panic, so this stands here and not in Cargo.toml.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

extern crate alloc;

pub mod backoff;
mod clock;
pub mod close;
mod config;
mod connection;
mod diagnosis;
mod effect;
pub mod endpoint;
mod error;
mod greeting;
mod handover;
mod input;
mod liveness;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod memory;
mod outbox;
mod page;
mod sending;
mod snapshot;

#[cfg(all(target_arch = "wasm32", feature = "web"))]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod npm;

pub use clock::{Generation, Millis};
pub use config::{Config, FINAL_CODES, Knob};
pub use connection::{Connection, State};
pub use diagnosis::{Diagnosis, Evidence, TokenHistory};
pub use effect::{Effect, Effects};
pub use error::Problem;
pub use handover::Spare;
pub use input::{Hint, Input, Token};
pub use liveness::{Life, Probe};
pub use outbox::{Message, MessageId, Outbox};
pub use page::{Page, PageEvent};
pub use snapshot::{Snapshot, Why};

//! The Everwire client: keeps a browser app connected to a serverless WebSocket API.
//!
//! The heart is [`Connection`], a state machine without a clock, without randomness and without
//! I/O: [`Input`]s go in together with the present time, [`Effect`]s come out. `browser` (compiled
//! for `wasm32` only) runs those effects on one `WebSocket` and one timer; the npm package
//! `everwire` puts a TypeScript face in front of it.
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
//!                                                        SocketClosed
//! ```
//!
//! # Layout
//!
//! - [`connection`](Connection): the machine · [`State`], [`Input`], [`Effect`] · [`Snapshot`], [`Why`]: what it announces
//! - [`backoff`]: when to try again · [`close`]: what a close code means
//! - [`Outbox`]: messages waiting for a socket · [`Config`]: every knob
//! - [`Problem`]: what can go wrong, and what to do about it · [`endpoint`]: the URL and its token

// The machine cannot reach for a clock, a thread or a file, since it does not link what has them;
// and the browser downloads no panic messages.
#![no_std]
// A panic ends a client. Tests may panic, so this stands here and not in Cargo.toml.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

extern crate alloc;

pub mod backoff;
pub mod close;
mod config;
mod connection;
pub mod endpoint;
mod error;
mod outbox;
mod snapshot;

#[cfg(target_arch = "wasm32")]
pub mod browser;

pub use config::{Config, Knob};
pub use connection::{Connection, Effect, Effects, Generation, Input, Millis, State};
pub use error::Problem;
pub use outbox::{MessageId, Outbox};
pub use snapshot::{Snapshot, Why};

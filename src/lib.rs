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

//! A local server that behaves as AWS API Gateway does for WebSocket APIs, for development and tests.
//!
//! It owns the sockets and calls functions with AWS's event JSON; by default those of `everwire-backend`, which
//! in production run in AWS Lambda.
//!
//! ```no_run
//! use everwire_backend::token::Secret;
//! use everwire_gateway::serve::{self, Database, Options};
//! use everwire_gateway::{Config, Stop};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // A test takes port 0, and stops the gateway when it is done.
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let secret = Secret::new("a secret of at least thirty-two bytes").ok_or("empty")?;
//! let options = Options {
//!     database: Database::Memory,
//!     secret,
//!     api: serve::backend_api(),
//!     gateway: Config::default(),
//!     demo: None,
//!     faults: false,
//! };
//! let (stop, stopped) = tokio::sync::oneshot::channel();
//! let running = tokio::spawn(serve::run(listener, options, async { stopped.await.unwrap_or(Stop::GoAway) }));
//! // … connect, send, push …
//! let _ = stop.send(Stop::GoAway);
//! running.await??;
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//! In the order of one connection's life:
//! - `handshake.rs`: from `GET /STAGE?token=…` to 101, by way of the authorizer and `$connect`
//! - `policy.rs`: what an authorizer's answer allows
//! - `sockets.rs`: the open sockets by connection id, and what ends with each
//! - `socket.rs`: reads and writes the frames of one
//! - `route.rs`: which function a message is for
//! - `management.rs`: `/@connections`, a backend's way to a socket
//!
//! What they speak:
//! - [`functions`]: what the gateway calls, and how it reads the answers
//! - `event.rs`: AWS's event JSON
//! - `refusal.rs`: HTTP answers that are no success, and error frames
//! - `id.rs`, `clock.rs`: AWS's spelling of ids and times
//!
//! Around it:
//! - `gateway.rs`: [`Gateway`], which holds all this together and serves it
//! - [`serve`], [`secret`], [`send`]: the command line's verbs (`main.rs` reads the command line)
//! - `stale.rs`: connections in the database that cannot exist any more
//! - `users.rs`: `/@users`, which `send` posts to; `demo.rs`: `/demo`, for the demo page and tests
//! - `faults.rs`: what goes wrong on purpose, asked for at `/faults` (`faults_endpoint.rs`, `faults_request.rs`)
//! - `loopback.rs`: keeps both to this machine
//!
//! AWS's documentation leaves a few behaviours open. Where this code had to choose, a comment says
//! *undocumented*.

mod activity;
pub mod api;
mod clock;
mod demo;
mod event;
mod faults;
mod faults_endpoint;
mod faults_request;
pub mod functions;
mod gateway;
mod handshake;
mod id;
pub mod identity;
mod listener;
mod loopback;
mod management;
mod policy;
mod refusal;
pub mod route;
pub mod secret;
pub mod send;
pub mod serve;
mod socket;
mod sockets;
mod stale;
mod throttle;
mod users;

pub use activity::{Happening, Observer, What};
pub use functions::Functions;
pub use gateway::{Config, Gateway, Stop};

//! A local server that behaves as AWS API Gateway does for WebSocket APIs, for development and tests.
//!
//! It owns the sockets and calls functions with AWS's event JSON; by default those of `everwire-backend`, which
//! in production run in AWS Lambda.
//!
//! ```no_run
//! use everwire_backend::token::Secret;
//! use everwire_gateway::serve::{self, Options};
//! use everwire_gateway::{Config, Stop};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // A test takes port 0, and stops the gateway when it is done.
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let secret = Secret::new("a secret of at least thirty-two bytes").ok_or("empty")?;
//! let options = Options { gateway: Config { concurrent_messages: 1, ..Config::default() }, ..Options::new(secret) };
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
//! - `inbox.rs`, `outgoing.rs`: what waits for functions, and for the client; `queue.rs`: how much may
//! - `route.rs`: which function a message is for
//! - `management.rs`: `/@connections`, a backend's way to a socket; [`sigv4`]: who may use it
//!
//! What they speak:
//! - [`functions`]: what the gateway calls, and how it reads the answers
//! - [`lambda`]: functions in any language, as child processes that speak the Lambda Runtime API
//! - `event.rs`: AWS's event JSON
//! - `refusal.rs`: HTTP answers that are no success, and error frames
//! - `id.rs`, `clock.rs`: AWS's spelling of ids and times
//!
//! Around it:
//! - `gateway.rs`: [`Gateway`], which holds all this together and serves it
//! - [`serve`], [`secret`], [`send`]: the command line's verbs (`main.rs` and `command_line.rs` read the command line)
//! - [`configuration`]: what it is told, by flag, environment or TOML file
//! - `nearest.rs`: what somebody meant who misspelt a name
//! - `redaction.rs`: keeps tokens out of what functions say
//! - `activity.rs`: what happens; [`log`] writes it, and `status.rs` shows it on a page
//! - `deployed.rs`: the built-in backend and [`lambda`]'s processes side by side, and what these are told of the gateway
//! - `stale.rs`: connections in the database that cannot exist any more
//! - `users.rs`: `/@users`, which `send` posts to; `demo.rs`: `/demo`, for the demo page and tests
//! - `faults.rs`: what goes wrong on purpose, asked for at `/faults` (`faults_endpoint.rs`, `faults_request.rs`)
//! - `loopback.rs`: keeps the demo, the faults and the status page to this machine
//!
//! AWS's documentation leaves some behaviours open. Where this code had to choose, a comment says so at the one place of
//! the choice, and how sure it is: *documented* D, *observed* O, *in third-party code* C, *tried with the SDKs* L,
//! *uncertain* U. `gateway/README.md` lists them.

mod activity;
pub mod api;
mod clock;
pub mod configuration;
mod demo;
mod deployed;
mod event;
mod faults;
mod faults_endpoint;
mod faults_request;
pub mod functions;
mod gateway;
mod handshake;
mod id;
pub mod identity;
mod inbox;
pub mod lambda;
mod listener;
pub mod log;
mod loopback;
mod management;
mod nearest;
mod outgoing;
mod policy;
mod queue;
mod redaction;
mod refusal;
pub mod route;
pub mod secret;
pub mod send;
pub mod serve;
pub mod sigv4;
mod socket;
mod sockets;
mod stale;
mod status;
mod throttle;
mod users;

pub use activity::{Happening, Observer, What};
pub use functions::Functions;
pub use gateway::{Config, Gateway, Stop};
pub use sigv4::Credentials;

//! The client for front ends that are written in Rust: `everwire = { version = "…", features = ["web"] }`.
//!
//! ```no_run
//! use everwire::browser::{Client, TokenError};
//! use futures_util::StreamExt;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize)]
//! #[serde(tag = "action", rename_all = "camelCase")]
//! enum Outgoing<'a> {
//!     Echo { text: &'a str },
//! }
//!
//! #[derive(Deserialize)]
//! struct Notification {
//!     title: String,
//! }
//!
//! # async fn session_token(_: bool) -> Result<String, std::io::Error> { Ok(String::new()) }
//! # fn show(_: &str) {}
//! async fn run() -> Result<(), Box<dyn std::error::Error>> {
//!     let client = Client::builder("wss://abc123.execute-api.eu-central-1.amazonaws.com/prod")
//!         .token(|request| async move { Ok(session_token(request.is_refresh).await?) })
//!         .build()?;
//!     let mut notifications = client.messages_of::<Notification>("notification");
//!     client.open().await?;
//!     client.send(&Outgoing::Echo { text: "hello" }).await?;
//!     while let Some(notification) = notifications.next().await {
//!         match notification {
//!             Ok(notification) => show(&notification.title),
//!             Err(error) => show(&error.to_string()),
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! It works in a page and in a worker. Nothing of it is in the npm package, which has its own
//! driver.
//!
//! # Layout
//!
//! - [`Client`]: what an app holds · [`Builder`]: how it is made
//! - [`Messages`], [`States`], [`Reports`]: what comes by itself
//! - [`Opening`], [`Sending`], [`Requesting`]: what is waited for
//! - `driver.rs`: runs the machine's [`Effect`](crate::Effect)s · `socket.rs`, `timer.rs`, `clock.rs`, `page.rs`:
//!   the browser's parts · `frame.rs`: what arrives · `token.rs`, `requests.rs`, `task.rs`: what goes on

mod builder;
mod client;
mod clock;
mod driver;
mod errors;
mod frame;
mod page;
mod requests;
mod sends;
mod socket;
mod streams;
mod task;
mod timer;
mod token;

pub use builder::{Builder, TokenRequest};
pub use client::{Client, SendOptions};
pub use errors::{BuildError, Invalid, Loss, MessageError, RequestError, SendError, TokenError};
pub use frame::ServiceError;
pub use sends::{Opening, Requesting, Sending};
pub use streams::{Messages, Report, Reports, States};

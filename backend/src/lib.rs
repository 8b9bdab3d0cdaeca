//! The handlers behind an Everwire WebSocket API.
//!
//! API Gateway owns the sockets; a handler only gets an event and answers it. Every handler here takes and
//! returns AWS's own event JSON, so the same code runs under the local gateway and in AWS Lambda.
//!
//! # Layout
//! - [`Backend`] (`backend.rs`): the one entry, [`Backend::invoke`], and [`Backend::send`]
//! - `authorizer.rs`: may this token connect, and as whom
//! - `connect.rs`, `disconnect.rs`: keep the store in step with the sockets
//! - `ping.rs`, `echo.rs`, `default.rs`: one route each
//! - `reply.rs`: what the routes share: answering the connection that a message came from
//! - `mark.rs`: marks a pushed message, so that a client which gets it twice shows it once
//! - [`push`]: posting to connections through `/@connections`
//! - [`store`]: who is connected, in SQLite, PostgreSQL or DynamoDB
//! - [`token`]: minting and verifying JWTs
//! - [`causes`]: an error with what led to it

mod authorizer;
mod backend;
mod causes;
mod connect;
mod default;
mod disconnect;
mod echo;
mod function;
mod mark;
mod ping;
pub mod push;
mod reply;
pub mod store;
pub mod token;

pub use backend::{Backend, Config};
pub use causes::causes;
pub use function::FunctionError;

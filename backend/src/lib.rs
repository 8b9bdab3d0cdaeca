//! The handlers behind an Everwire WebSocket API.
//!
//! API Gateway owns the sockets; a handler only gets an event and answers it. Every handler here takes and
//! returns AWS's own event JSON, so the same code runs under the local gateway and in AWS Lambda.
//!
//! # Layout
//! - [`Backend`] (`backend.rs`): the one entry, [`Backend::handle`], own routes, and [`Backend::send`]
//! - `authorizer.rs`: may this token connect, and as whom; own rules
//! - [`routes`]: the built-in routes, one file each
//! - [`Request`], [`Response`]: what a route is given and gives
//! - `services.rs`: what routes share: the store, and posting with its consequences
//! - `mark.rs`: marks a pushed message, so that a client which gets it twice shows it once
//! - `object.rs`: adds a member to the text of a JSON object
//! - [`push`]: posting to connections through `/@connections`
//! - [`store`]: who is connected, in SQLite, PostgreSQL or DynamoDB
//! - [`token`]: minting and verifying JWTs, the keys of sign-in servers
//! - [`settings`], `main.rs`: the Lambda function, configured by environment variables
//! - `loopback.rs`: whether a URL leads to this machine
//! - [`causes`]: an error with what led to it

mod authorizer;
mod backend;
mod causes;
mod function;
mod loopback;
mod mark;
mod object;
pub mod push;
mod request;
mod response;
pub mod routes;
mod services;
pub mod settings;
pub mod store;
pub mod token;

pub use authorizer::{Context, ContextValue, Decision};
pub use backend::{Backend, Config};
pub use causes::causes;
pub use function::FunctionError;
pub use request::Request;
pub use response::Response;

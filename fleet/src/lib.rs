//! Many clients, one outage: how long until everybody is back, and what it costs the server.
//!
//! Each client is a real [`everwire::Connection`], the very code that runs in the browser. The
//! world around it is a model: a gateway that accepts so many handshakes a second and refuses the
//! rest, token requests and handshakes that take a fixed time, and a fault. Nothing here reads
//! the host's clock or its randomness, so a run is decided by its settings and its seed.
//!
//! # Layout
//!
//! - [`simulation`]: the world's clock and queue · [`gateway`]: the quota · [`scenario`]: the faults
//! - [`client`]: the one file that knows [`everwire::Connection`]
//! - [`policy`]: a client that is only its retry delays · [`peers`]: those of other clients
//! - [`report`]: what a run amounts to · [`picture`]: the same as SVG

pub mod client;
pub mod gateway;
pub mod peers;
pub mod picture;
pub mod policy;
pub mod report;
pub mod scenario;
pub mod simulation;

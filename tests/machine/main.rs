//! The machine on the host, with a clock that the test moves: one behaviour per file.

#![cfg(not(target_arch = "wasm32"))]

mod backing_off;
mod closing;
mod giving_up;
mod late_news;
mod opening;
mod reconnecting;
mod scenario;
mod sending;
mod timing_out;

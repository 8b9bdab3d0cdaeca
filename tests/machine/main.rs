//! The machine on the host, with a clock that the test moves: one behaviour per file.

#![cfg(not(target_arch = "wasm32"))]

mod backing_off;
mod closing;
mod diagnosing;
mod giving_up;
mod greeting;
mod hand_over;
mod late_news;
mod liveness;
mod opening;
mod page_life;
mod reconnecting;
mod scenario;
mod sending;
mod timing_out;

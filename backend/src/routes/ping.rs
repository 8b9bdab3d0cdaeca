//! The route `ping`: proof of life that a browser can ask for, as it cannot send WebSocket pings.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::{FunctionError, Request};

#[derive(Serialize)]
struct Pong {
    action: &'static str,
    /// Milliseconds since 1970.
    at: u128,
}

/// The route `ping`.
///
/// # Errors
/// When the answer cannot be posted.
pub async fn ping(request: Request) -> Result<(), FunctionError> {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    request.reply(Pong { action: "pong", at }).await
}

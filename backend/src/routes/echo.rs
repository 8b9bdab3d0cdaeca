//! The route `echo`: sends a message back as it came.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{FunctionError, Request};

#[derive(Serialize)]
struct Echo {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Box<RawValue>>,
    // Raw, so that key order and long numbers survive.
    message: Box<RawValue>,
}

/// The route `echo`.
///
/// # Errors
/// When the message is not JSON, or the answer cannot be posted.
pub async fn echo(request: Request) -> Result<(), FunctionError> {
    request.reply(Echo { action: "echo", id: request.id(), message: request.json()? }).await
}

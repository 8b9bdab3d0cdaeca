//! The route `$default`: every message that no other route is for.

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{FunctionError, Request};

/// How much of an unknown action is said back, in characters: enough to recognise a typing error.
const ACTION_CHARS: usize = 64;

#[derive(Serialize)]
struct Unknown {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Box<RawValue>>,
    message: String,
}

/// The route `$default`: tells the client why no route was found.
///
/// # Errors
/// When the answer cannot be posted.
pub async fn default(request: Request) -> Result<(), FunctionError> {
    request.reply(Unknown { action: "unknown", id: request.id(), message: explain(request.text()) }).await
}

fn explain(body: &str) -> String {
    let Ok(message) = serde_json::from_str::<Value>(body) else {
        // Reading this one builds nothing, so no depth is too deep for it.
        return match serde_json::from_str::<IgnoredAny>(body) {
            Ok(_) => "the message is nested too deeply; at most 127 levels are read".to_owned(),
            Err(_) => "the message is not JSON; send an object with an \"action\"".to_owned(),
        };
    };
    match message.get("action") {
        None => "the message has no \"action\"; send an object with one".to_owned(),
        Some(action) => format!("no route for action {}", shortened(&action.to_string())),
    }
}

fn shortened(action: &str) -> String {
    match action.char_indices().nth(ACTION_CHARS) {
        Some((end, _)) => format!("{}…", &action[..end]),
        None => action.to_owned(),
    }
}

//! The part of the Lambda Extensions API that a function itself may need.
//!
//! A runtime that wants a SIGTERM before it ends registers as an extension that wants no events;
//! `lambda_runtime::spawn_graceful_shutdown_handler` does, and fails where it cannot. Here every function gets that
//! SIGTERM anyway. Extensions that do want events are other programs' business, and are refused.

use std::future;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::function::Function;

pub(super) fn router(function: &Function) -> Router {
    let identity = json!({
        "functionName": function.name,
        "functionVersion": "$LATEST",
        "handler": function.handler(),
    });
    Router::new()
        .route("/2020-01-01/extension/register", post(register))
        .route("/2020-01-01/extension/event/next", get(async || future::pending::<()>().await))
        .with_state(identity)
}

/// What an extension asks for.
#[derive(Deserialize)]
struct Registration {
    events: Option<Vec<String>>,
}

/// The body is taken for JSON whatever its type: shell scripts leave it to curl, which says that it is a form. [C]
async fn register(State(identity): State<Value>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get("lambda-extension-name").is_none_or(HeaderValue::is_empty) {
        return refusal("Extension.InvalidExtensionName", "Empty extension name");
    }
    let asked: Registration = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return refusal("InvalidRequestFormat", &error.to_string()),
    };
    if asked.events.is_some_and(|events| !events.is_empty()) {
        let message = "this gateway has no events for extensions: register for none";
        return refusal("Extension.InvalidEventType", message);
    }
    ([("Lambda-Extension-Identifier", Uuid::new_v4().to_string())], Json(identity)).into_response()
}

fn refusal(error_type: &str, message: &str) -> Response {
    let body = json!({"errorMessage": message, "errorType": error_type});
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

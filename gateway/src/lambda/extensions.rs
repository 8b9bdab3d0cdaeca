//! The part of the Lambda Extensions API that a function itself may need.
//!
//! A runtime that wants a SIGTERM before it ends registers as an extension that wants no events;
//! `lambda_runtime::spawn_graceful_shutdown_handler` does, and fails where it cannot. Here every function gets that
//! SIGTERM anyway. Extensions that do want events are other programs' business, and are refused.

use std::future;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
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

async fn register(State(identity): State<Value>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if !headers.contains_key("lambda-extension-name") {
        return refusal("Extension.InvalidExtensionName", "Empty extension name");
    }
    if asked["events"].as_array().is_some_and(|events| !events.is_empty()) {
        let message = "this gateway has no events for extensions: register for none";
        return refusal("Extension.InvalidEventType", message);
    }
    ([("Lambda-Extension-Identifier", Uuid::new_v4().to_string())], Json(identity)).into_response()
}

fn refusal(error_type: &str, message: &str) -> Response {
    let body = json!({"errorMessage": message, "errorType": error_type});
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

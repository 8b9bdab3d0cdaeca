//! HTTP answers that are no success, and error frames.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::id;
use crate::sigv4::Refused;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
pub(crate) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const GATEWAY_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");

/// What a client is told in a frame when its message failed, and as the body of a refused handshake.
///
/// Formatted by hand, because the spaces are AWS's: one after `"message":`, none after the other colons, one
/// after each comma. The ids need no escaping.
pub(crate) fn error_text(message: &str, connection_id: &str, request_id: &str) -> String {
    // A JSON text, quotes and all.
    let message = serde_json::Value::from(message);
    format!(r#"{{"message": {message}, "connectionId":"{connection_id}", "requestId":"{request_id}"}}"#)
}

/// A handshake that did not become a socket.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) connection_id: String,
    pub(crate) request_id: String,
}

impl IntoResponse for Refusal {
    /// Undocumented [U]: what AWS says beside the status. Browsers hide all of it from the page anyway.
    fn into_response(self) -> Response {
        let message = match self.status.as_u16() {
            500..=502 => "Internal server error",
            504 => "Endpoint request timed out",
            _ => self.status.canonical_reason().unwrap_or("Refused"),
        };
        let body = error_text(message, &self.connection_id, &self.request_id);
        let mut response = answer(self.status, error_type(self.status), body);
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            response.headers_mut().insert(GATEWAY_ID, value);
        }
        response
    }
}

/// An answer with AWS's headers. SDKs tell errors apart by `x-amzn-ErrorType`, and by nothing else if the body
/// is empty.
pub(crate) fn answer(status: StatusCode, error_type: &'static str, body: String) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ERROR_TYPE, HeaderValue::from_static(error_type));
    if let Ok(value) = HeaderValue::from_str(&id::http_request()) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

/// An answer of the form `{"message": "…"}`.
#[derive(Debug)]
pub(crate) struct Message {
    status: StatusCode,
    text: String,
}

impl Message {
    pub(crate) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }
}

impl IntoResponse for Message {
    fn into_response(self) -> Response {
        let body = format!(r#"{{"message": {}}}"#, serde_json::Value::from(self.text));
        answer(self.status, error_type(self.status), body)
    }
}

/// The answer to a request that is not signed as it has to be. `[O]` Unlike [`Message`], no space after the colon.
pub(crate) fn unsigned(refused: &Refused) -> Response {
    let error_type = refused.error_type();
    // Not the text: it shows the client its own headers.
    tracing::info!(error_type, "a request to /@connections is not signed as it has to be");
    answer(
        StatusCode::FORBIDDEN,
        error_type,
        serde_json::json!({ "message": refused.to_string() }).to_string(),
    )
}

/// An answer that is a success, with AWS's request id.
pub(crate) fn success(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    if let Ok(value) = HeaderValue::from_str(&id::http_request()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn error_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "UnauthorizedException",
        403 => "ForbiddenException",
        // Undocumented [U]: after AWS's name for its status.
        408 => "RequestTimeoutException",
        410 => "GoneException",
        413 => "PayloadTooLargeException",
        429 => "LimitExceededException",
        400..=499 => "BadRequestException",
        503 => "ServiceUnavailableException",
        504 => "IntegrationTimeoutException",
        _ => "InternalServerErrorException",
    }
}

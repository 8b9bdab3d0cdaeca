//! `/@connections`: posts to a socket, describes it, closes it.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::refusal::{Message, answer, success};
use crate::socket::MAX_MESSAGE_BYTES;
use crate::sockets::{Socket, Unsent};
use crate::{Gateway, clock, id};

/// How much of an oversized body is read before it is refused, in bytes. A client that is still sending when the
/// answer comes sees a broken connection instead of the answer.
const READ_BYTES: usize = 8 * MAX_MESSAGE_BYTES;

pub(crate) async fn handle(
    State(gateway): State<Gateway>,
    method: Method,
    uri: Uri,
    id: Result<Path<String>, PathRejection>,
    body: Body,
) -> Response {
    // What does not decode to UTF-8 is malformed as it is.
    let connection_id = id.map_or_else(|_| last_segment(&uri).to_owned(), |Path(id)| id);
    if !id::is_well_formed(&connection_id) {
        return Message::new(StatusCode::BAD_REQUEST, format!("Invalid connectionId: {connection_id}"))
            .into_response();
    }
    let socket = gateway.0.sockets.get(&connection_id);
    match (method, socket) {
        (Method::POST | Method::GET | Method::DELETE, None) => gone(),
        (Method::POST, Some(socket)) if gateway.0.faults.throttles(&socket.connection) => {
            Message::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests").into_response()
        }
        (Method::POST, Some(socket)) => post(&socket, body).await,
        (Method::GET, Some(socket)) => get(&socket),
        (Method::DELETE, Some(socket)) => delete(&socket),
        _ => Message::new(StatusCode::FORBIDDEN, "Forbidden").into_response(),
    }
}

fn last_segment(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

async fn post(socket: &Arc<Socket>, body: Body) -> Response {
    let text = match message(body).await {
        Ok(text) => text,
        Err(refusal) => return refusal.into_response(),
    };
    let bytes = text.len();
    match socket.send(text.into()) {
        Ok(()) => {
            tracing::info!(connection = %socket.connection.id, bytes, "pushed");
            success(StatusCode::OK, String::new())
        }
        Err(unsent) => refuse(&unsent),
    }
}

fn get(socket: &Socket) -> Response {
    let connection = &socket.connection;
    let body = json!({
        "connectedAt": clock::iso_8601(connection.connected_at),
        "identity": { "sourceIp": connection.source_ip.to_string(), "userAgent": connection.user_agent },
        "lastActiveAt": clock::iso_8601(socket.last_active_at()),
    });
    let mut response = success(StatusCode::OK, body.to_string());
    let json = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, json);
    response
}

fn delete(socket: &Socket) -> Response {
    socket.deleted.cancel();
    success(StatusCode::NO_CONTENT, String::new())
}

/// A message from a request's body, whatever its Content-Type says: SDKs send texts as octet-stream.
pub(crate) async fn message(body: Body) -> Result<String, Message> {
    let bytes =
        to_bytes(body, READ_BYTES).await.unwrap_or_else(|_| Bytes::from_static(&[0; MAX_MESSAGE_BYTES + 1]));
    if bytes.len() > MAX_MESSAGE_BYTES {
        let text = format!("Message too big: the limit is {MAX_MESSAGE_BYTES} bytes");
        return Err(Message::new(StatusCode::PAYLOAD_TOO_LARGE, text));
    }
    // Undocumented: bytes that are no text. A text frame cannot carry them.
    String::from_utf8(bytes.into()).map_err(|_| Message::new(StatusCode::BAD_REQUEST, "Message is not UTF-8"))
}

/// The body is empty, as AWS's is; SDKs know the error by its header.
fn gone() -> Response {
    answer(StatusCode::GONE, "GoneException", String::new())
}

fn refuse(unsent: &Unsent) -> Response {
    match unsent {
        Unsent::Gone => gone(),
        Unsent::Full => Message::new(StatusCode::TOO_MANY_REQUESTS, "WebSocket client side buffer is full")
            .into_response(),
    }
}

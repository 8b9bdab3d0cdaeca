//! `/@connections`: posts to a socket, describes it, closes it.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use futures_util::StreamExt;
use serde_json::json;

use crate::activity::{Happening, What};
use crate::outgoing::Unsent;
use crate::refusal::{self, Message, answer, success};
use crate::socket::MAX_MESSAGE_BYTES;
use crate::sockets::Socket;
use crate::{Config, Gateway, clock, id};

/// How much of an oversized body is read before it is refused, in bytes. A client that is still sending when the
/// answer comes sees a broken connection instead of the answer.
const READ_BYTES: usize = 8 * MAX_MESSAGE_BYTES;

pub(crate) async fn handle(
    State(gateway): State<Gateway>,
    id: Result<Path<String>, PathRejection>,
    head: Parts,
    body: Body,
) -> Response {
    let response = answer_call(&gateway, id, head, body).await;
    let status = response.status().as_u16();
    if status >= 400 {
        gateway.0.activity.record(Happening::new(What::CallRefused { status }));
    }
    response
}

async fn answer_call(
    gateway: &Gateway,
    id: Result<Path<String>, PathRejection>,
    head: Parts,
    body: Body,
) -> Response {
    if !gateway.0.throttle.allows_request() {
        // Read all the same, here and below: a client that is still sending would not see the answer.
        let _ = read(&gateway.0.config, body).await;
        // Undocumented [U]: the text.
        return Message::new(StatusCode::TOO_MANY_REQUESTS, "Rate exceeded").into_response();
    }
    // First of all: who may not call learns nothing about connections, not even whether an id is well-formed.
    // Undocumented [U]: AWS's order.
    let body = match receive(&gateway.0.config, &head, body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    // What does not decode to UTF-8 is malformed as it is.
    let connection_id = id.map_or_else(|_| last_segment(&head.uri).to_owned(), |Path(id)| id);
    if !id::is_well_formed(&connection_id) {
        return Message::new(StatusCode::BAD_REQUEST, format!("Invalid connectionId: {connection_id}"))
            .into_response();
    }
    let socket = gateway.0.sockets.get(&connection_id);
    match (head.method, socket) {
        (Method::POST | Method::GET | Method::DELETE, None) => gone(),
        (Method::POST, Some(socket)) if gateway.0.faults.throttles(&socket.connection) => {
            Message::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests").into_response()
        }
        (Method::POST, Some(socket)) => post(gateway, &socket, body),
        (Method::GET, Some(socket)) => get(&socket),
        (Method::DELETE, Some(socket)) => delete(gateway, &socket),
        // Undocumented [U]: other methods, HEAD among them.
        _ => Message::new(StatusCode::FORBIDDEN, "Forbidden").into_response(),
    }
}

/// A request's body, if the request is signed by whom it has to be.
async fn receive(config: &Config, head: &Parts, body: Body) -> Result<Vec<u8>, Response> {
    let now = Utc::now();
    let claim = config.credentials.as_ref().map(|credentials| credentials.examine(head, now)).transpose();
    let body = read(config, body).await;
    let claim = claim.map_err(|refused| refusal::unsigned(&refused))?;
    let body = body.map_err(IntoResponse::into_response)?;
    if let Some(claim) = claim {
        claim.verify(&body).map_err(|refused| refusal::unsigned(&refused))?;
    }
    Ok(body)
}

fn last_segment(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

/// Queues a message, whatever its `Content-Type` says: SDKs send texts as octet-stream.
///
/// Undocumented [U]: a post of nothing. It reaches the client as an empty message.
fn post(gateway: &Gateway, socket: &Socket, body: Vec<u8>) -> Response {
    let text = match text(body) {
        Ok(text) => text,
        Err(refusal) => return refusal.into_response(),
    };
    let bytes = text.len();
    match socket.send(text.into()) {
        Ok(()) => {
            gateway.0.activity.record(Happening::of(&socket.connection, What::Pushed { bytes }));
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

fn delete(gateway: &Gateway, socket: &Socket) -> Response {
    gateway.0.activity.record(Happening::of(&socket.connection, What::Deleted));
    socket.outgoing.close();
    success(StatusCode::NO_CONTENT, String::new())
}

/// A message from a request's body.
pub(crate) async fn message(gateway: &Gateway, body: Body) -> Result<String, Message> {
    text(read(&gateway.0.config, body).await?)
}

/// Reads a body, up to [`READ_BYTES`].
///
/// Undocumented [U]: how long a body may take. As long as the headers before it.
async fn read(config: &Config, body: Body) -> Result<Vec<u8>, Message> {
    let reading = async {
        let mut chunks = body.into_data_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Message::new(StatusCode::BAD_REQUEST, "The body broke off"))?;
            bytes.extend_from_slice(&chunk);
            if bytes.len() > READ_BYTES {
                return Err(too_big());
            }
        }
        Ok(bytes)
    };
    let late = || Message::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time");
    tokio::time::timeout(config.request_timeout, reading).await.map_err(|_| late())?
}

fn text(bytes: Vec<u8>) -> Result<String, Message> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(too_big());
    }
    // Undocumented [U]: bytes that are no text. A text frame cannot carry them.
    String::from_utf8(bytes).map_err(|_| Message::new(StatusCode::BAD_REQUEST, "Message is not UTF-8"))
}

/// Undocumented [U]: the text.
fn too_big() -> Message {
    let text = format!("Message too big: the limit is {MAX_MESSAGE_BYTES} bytes");
    Message::new(StatusCode::PAYLOAD_TOO_LARGE, text)
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

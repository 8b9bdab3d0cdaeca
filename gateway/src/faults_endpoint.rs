//! `/faults`: asks for faults, lists and ends them. Whoever can reach it can break every connection, so it exists only
//! with `--faults` or `--demo`, and on loopback.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::ws::{CloseFrame, Utf8Bytes};
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::activity::{Happening, What};
use crate::faults::{Fault, Standing, Target};
use crate::faults_request::Asked;
use crate::refusal::Message;
use crate::sockets::End;
use crate::{Gateway, loopback};

/// Has a fault happen: now, to the sockets that are open, or from now on.
async fn ask(State(gateway): State<Gateway>, body: Bytes) -> Result<Response, Message> {
    let Asked { fault, target } =
        Asked::read(&body).map_err(|error| Message::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let is_open =
        |target: &Target| target.connection.as_ref().is_none_or(|id| gateway.0.sockets.get(id).is_some());
    if !is_open(&target) {
        return Err(not_open());
    }
    if matches!(fault, Fault::Drop | Fault::Close { .. }) && target.next.is_none() {
        let sockets = gateway.end_sockets(&fault, &target);
        return Ok(Json(json!({ "fault": fault.name(), "sockets": sockets })).into_response());
    }
    let standing = gateway.stand(fault, target);
    // Its connection may have ended since it was looked up, and all its faults with it.
    if !is_open(&standing.target) {
        gateway.end_faults(|other| other.id == standing.id);
        return Err(not_open());
    }
    Ok((StatusCode::CREATED, Json(standing)).into_response())
}

fn not_open() -> Message {
    let text = "connection: none is open with this id. $connect's event names it, as does the log";
    Message::new(StatusCode::NOT_FOUND, text)
}

/// The standing faults, the oldest first; `next` is what is left of it.
async fn list(State(gateway): State<Gateway>) -> Json<Value> {
    Json(json!({ "faults": gateway.0.faults.all() }))
}

async fn end_all(State(gateway): State<Gateway>) -> Json<Value> {
    Json(json!({ "ended": gateway.end_faults(|_| true) }))
}

async fn end(
    State(gateway): State<Gateway>,
    id: Result<Path<u64>, PathRejection>,
) -> Result<Json<Value>, Message> {
    let ended = id.map_or(0, |Path(id)| gateway.end_faults(|standing| standing.id == id));
    if ended == 0 {
        let text = "No fault with this id stands; GET /faults lists those that do";
        return Err(Message::new(StatusCode::NOT_FOUND, text));
    }
    Ok(Json(json!({ "ended": ended })))
}

impl Gateway {
    /// `/faults`, to be served beside: breaks connections on request. Whoever is on this machine may ask; nobody else,
    /// not even pages in its browsers.
    pub fn faults(&self) -> Router {
        Router::new()
            .route("/faults", post(ask).get(list).delete(end_all))
            .route("/faults/{id}", delete(end))
            .layer(loopback::cors([Method::GET, Method::POST, Method::DELETE]))
            .layer(middleware::from_fn(loopback::only))
            .with_state(self.clone())
    }

    /// Has a fault stand from now on.
    pub(crate) fn stand(&self, fault: Fault, target: Target) -> Standing {
        self.0.activity.record(Happening::new(What::Fault { fault: fault.name() }));
        self.0.faults.add(fault, target)
    }

    /// Ends the standing faults that are meant, and says how many there were.
    pub(crate) fn end_faults(&self, is_meant: impl FnMut(&Standing) -> bool) -> usize {
        let ended = self.0.faults.end(is_meant);
        for Standing { fault, .. } in &ended {
            self.0.activity.record(Happening::new(What::FaultEnded { fault: fault.name() }));
        }
        ended.len()
    }

    /// Cuts or closes the open sockets that are meant, and says how many there were.
    pub(crate) fn end_sockets(&self, fault: &Fault, target: &Target) -> usize {
        let sockets = self.0.sockets.all();
        let meant = sockets.iter().filter(|socket| target.is(&socket.connection));
        meant
            .map(|socket| {
                let what = What::Fault { fault: fault.name() };
                self.0.activity.record(Happening::of(&socket.connection, what));
                match fault {
                    Fault::Close { code, reason } => socket.end(End::Close(close_frame(*code, reason))),
                    _ => socket.end(End::Cut),
                }
            })
            .count()
    }
}

/// The frame that a fault closes a socket with.
pub(crate) fn close_frame(code: u16, reason: &str) -> CloseFrame {
    CloseFrame { code, reason: Utf8Bytes::from(reason) }
}

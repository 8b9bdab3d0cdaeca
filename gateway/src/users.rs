//! `POST /STAGE/@users/USER`: pushes to all connections of a user. AWS has no such path; it is how the command
//! line's `send` asks the backend inside this process.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use everwire_backend::Backend;
use everwire_backend::push::Report;
use everwire_backend::token::{self, Kind, Secret};

use crate::activity::{Happening, What};
use crate::refusal::Message;
use crate::{Gateway, management};

#[derive(Clone)]
struct Users {
    gateway: Gateway,
    backend: Arc<Backend>,
    secret: Secret,
}

pub(crate) fn router(gateway: Gateway, backend: Arc<Backend>, secret: Secret) -> Router {
    let stage = gateway.0.address.stage.clone();
    let users = Users { gateway, backend, secret };
    Router::new()
        .route(&format!("/{stage}/@users/{{user}}"), post(push))
        .route(&format!("/{stage}/%40users/{{user}}"), post(push))
        .with_state(users)
}

async fn push(
    State(Users { gateway, backend, secret }): State<Users>,
    user: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // A push token: a user's own access token must not be enough to write to other users.
    if bearer(&headers).is_none_or(|token| token::verify(&secret, Kind::Push, token).is_err()) {
        let text =
            "Send needs a push token: a JWT signed with the gateway's secret, audience \"everwire-push\"";
        return Message::new(StatusCode::UNAUTHORIZED, text).into_response();
    }
    let Ok(Path(user)) = user else {
        return Message::new(StatusCode::BAD_REQUEST, "The user's name is not UTF-8").into_response();
    };
    let message = match management::message(&gateway, body).await {
        Ok(message) => message,
        Err(refusal) => return refusal.into_response(),
    };
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&message) {
        return Message::new(StatusCode::BAD_REQUEST, format!("The message is not JSON: {error}"))
            .into_response();
    }
    match backend.send(&user, &message).await {
        Ok(report) => {
            let Report { delivered, gone, failed, .. } = report;
            let what = What::Sent { delivered, gone, failed };
            gateway.0.activity.record(Happening::of_user(&user, what));
            Json(report).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "send failed");
            Message::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
    }
}

/// The token of an `Authorization: Bearer …` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(axum::http::header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

//! `/demo`: a sign-in server and a few troubles, for the demo page and tests. Anybody who can reach it can sign in
//! as anybody, so it exists only with `--demo` and on loopback.

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use everwire_backend::token::{self, Kind, Secret, TokenError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::faults::{Fault, Standing, Target};
use crate::refusal::Message;
use crate::users::bearer;
use crate::{Gateway, loopback};

/// How long a refresh token is good, in seconds.
const REFRESH_TTL: u64 = 3600;

/// The most handshakes that can be asked to be refused.
const MAX_REFUSALS: u32 = 100;

#[derive(Clone)]
struct Demo {
    gateway: Gateway,
    secret: Secret,
    /// How long an access token is good, in seconds.
    token_ttl: u64,
}

pub(crate) fn router(gateway: Gateway, secret: Secret, token_ttl: Duration) -> Router {
    Router::new()
        .route("/demo/sign-in", post(sign_in))
        .route("/demo/refresh", post(refresh))
        .route("/demo/expired-token", post(expired_token))
        .route("/demo/drop", post(drop_sockets))
        .route("/demo/refuse", post(refuse))
        .layer(loopback::cors([Method::POST]))
        .layer(middleware::from_fn(loopback::only))
        .with_state(Demo { gateway, secret, token_ttl: token_ttl.as_secs() })
}

#[derive(Deserialize)]
struct SignIn {
    user: String,
}

async fn sign_in(
    State(demo): State<Demo>,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, Message> {
    let Json(SignIn { user }) = body.map_err(bad_request)?;
    if !is_user_name(&user) {
        let rule = "user: 1 to 64 characters, each a letter, a digit, or one of . _ - @";
        return Err(Message::new(StatusCode::BAD_REQUEST, rule));
    }
    demo.tokens(&user)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refresh {
    refresh_token: String,
}

async fn refresh(
    State(demo): State<Demo>,
    body: Result<Json<Refresh>, JsonRejection>,
) -> Result<Response, Message> {
    let Json(Refresh { refresh_token }) = body.map_err(bad_request)?;
    let user = token::verify(&demo.secret, Kind::Refresh, &refresh_token).map_err(|_| {
        Message::new(StatusCode::UNAUTHORIZED, "The refresh token is invalid or expired: sign in again")
    })?;
    demo.tokens(&user)
}

/// A token that was right until a minute ago.
async fn expired_token(State(demo): State<Demo>, headers: HeaderMap) -> Result<Response, Message> {
    let user = demo.user(&headers)?;
    let access_token = token::mint(&demo.secret, Kind::Access, &user, token::now() - 120, 60)
        .map_err(|error| cannot_sign(&error))?;
    Ok(Json(json!({ "accessToken": access_token })).into_response())
}

/// Cuts the caller's sockets without a close frame, as a lost network does: browsers report 1006.
async fn drop_sockets(State(demo): State<Demo>, headers: HeaderMap) -> Result<Json<Value>, Message> {
    let target = Target { user: Some(demo.user(&headers)?), ..Target::default() };
    let dropped = demo.gateway.end_sockets(&Fault::Drop, &target);
    Ok(Json(json!({ "dropped": dropped })))
}

#[derive(Serialize, Deserialize)]
struct Refuse {
    next: u32,
}

/// Makes the next handshakes fail with 503, everybody's. The last to ask says how many.
async fn refuse(
    State(demo): State<Demo>,
    headers: HeaderMap,
    body: Result<Json<Refuse>, JsonRejection>,
) -> Result<Json<Refuse>, Message> {
    demo.user(&headers)?;
    let Json(refuse) = body.map_err(bad_request)?;
    if refuse.next > MAX_REFUSALS {
        let rule = format!("next: 0 to {MAX_REFUSALS} handshakes; 0 refuses no more");
        return Err(Message::new(StatusCode::BAD_REQUEST, rule));
    }
    demo.gateway.end_faults(|Standing { fault, target, .. }| {
        matches!(fault, Fault::Refuse { .. }) && target.user.is_none() && target.next.is_some()
    });
    if refuse.next > 0 {
        let target = Target { next: Some(refuse.next), ..Target::default() };
        let status = StatusCode::SERVICE_UNAVAILABLE.as_u16();
        demo.gateway.stand(Fault::Refuse { status }, target);
    }
    Ok(Json(refuse))
}

impl Demo {
    /// A fresh pair, under the names that axios-jwt uses.
    fn tokens(&self, user: &str) -> Result<Response, Message> {
        let mint = |kind, ttl| {
            token::mint(&self.secret, kind, user, token::now(), ttl).map_err(|error| cannot_sign(&error))
        };
        let access_token = mint(Kind::Access, self.token_ttl)?;
        let refresh_token = mint(Kind::Refresh, REFRESH_TTL)?;
        Ok(Json(json!({ "accessToken": access_token, "refreshToken": refresh_token })).into_response())
    }

    /// Who is calling.
    fn user(&self, headers: &HeaderMap) -> Result<String, Message> {
        bearer(headers).and_then(|token| token::verify(&self.secret, Kind::Access, token).ok()).ok_or_else(
            || Message::new(StatusCode::UNAUTHORIZED, "This needs Authorization: Bearer and an access token"),
        )
    }
}

fn is_user_name(user: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    (1..=64).contains(&user.len()) && user.chars().all(is_allowed)
}

fn bad_request(rejection: JsonRejection) -> Message {
    Message::new(rejection.status(), rejection.body_text())
}

fn cannot_sign(error: &TokenError) -> Message {
    Message::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

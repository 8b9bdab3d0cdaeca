//! The status page at `/`, and what it shows as `/status.json`: the API, the open connections, the last events. For
//! this machine only. It holds no token, and asking for it counts against no limit.

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, UPGRADE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::activity::Happening;
use crate::api::Api;
use crate::gateway::{Shared, no_such_path};
use crate::sockets::Socket;
use crate::{Gateway, clock, loopback};

/// The page, in which `NONCE` stands for a number that is used once.
const PAGE: &str = include_str!("status.html");

/// How many connections are listed. More are only counted: nobody reads them, and each page would hold them all.
const LISTED: usize = 200;

const SAME_ORIGIN: (HeaderName, HeaderValue) =
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));

pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/", get(page).fallback(no_such_path))
        .route("/status.json", get(status).fallback(no_such_path))
        .layer(middleware::from_fn(loopback::only))
        .layer(middleware::map_response(private))
        .with_state(gateway)
}

/// Nothing runs on the page but what it came with, whatever a user is called.
async fn page(headers: HeaderMap) -> Response {
    // A client that has forgotten the stage is told what it was always told.
    if headers.contains_key(UPGRADE) {
        return no_such_path().await.into_response();
    }
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let nonce = STANDARD.encode(bytes);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    ([(CONTENT_SECURITY_POLICY, policy)], Html(PAGE.replace("NONCE", &nonce))).into_response()
}

/// For whom the page is, and nobody else: no cache, no other site, no guess at what it is.
async fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(SAME_ORIGIN.0, SAME_ORIGIN.1);
    response
}

async fn status(State(gateway): State<Gateway>) -> Json<Status> {
    Json(Status::of(&gateway))
}

/// Times are in milliseconds since 1970.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    now: i64,
    api: ApiStatus,
    /// How many are open; of them the newest are listed.
    connection_count: usize,
    connections: Vec<ConnectionStatus>,
    /// The newest first.
    events: Vec<Happening>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiStatus {
    stage: String,
    url: String,
    management: String,
    route_selection_expression: String,
    authorizer: Option<AuthorizerStatus>,
    routes: Vec<RouteStatus>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerStatus {
    function: String,
    identity_sources: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteStatus {
    route_key: String,
    function: String,
    is_two_way: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionStatus {
    connection_id: String,
    user: Option<String>,
    connected_at: i64,
    last_active_at: i64,
    source_ip: String,
    user_agent: Option<String>,
}

impl Status {
    fn of(gateway: &Gateway) -> Self {
        let Shared { api, sockets, activity, .. } = &*gateway.0;
        let open = sockets.all();
        Self {
            now: clock::now_ms(),
            api: ApiStatus::of(api, gateway.domain_name()),
            connection_count: open.len(),
            connections: open.iter().rev().take(LISTED).map(|socket| ConnectionStatus::of(socket)).collect(),
            events: activity.recent().into_iter().rev().collect(),
        }
    }
}

impl ApiStatus {
    fn of(api: &Api, domain_name: &str) -> Self {
        let Api { stage, route_selection, authorizer, routes, .. } = api;
        Self {
            stage: stage.clone(),
            url: format!("ws://{domain_name}/{stage}"),
            management: format!("http://{domain_name}/{stage}/@connections"),
            route_selection_expression: route_selection.to_string(),
            authorizer: authorizer.as_ref().map(|authorizer| AuthorizerStatus {
                function: authorizer.function.clone(),
                identity_sources: authorizer.identity_sources.iter().map(ToString::to_string).collect(),
            }),
            routes: routes
                .iter()
                .map(|(route_key, route)| RouteStatus {
                    route_key: route_key.clone(),
                    function: route.function.clone(),
                    is_two_way: route.is_two_way,
                })
                .collect(),
        }
    }
}

impl ConnectionStatus {
    fn of(socket: &Socket) -> Self {
        let connection = &socket.connection;
        Self {
            connection_id: connection.id.clone(),
            user: connection.user().map(str::to_owned),
            connected_at: connection.connected_at,
            last_active_at: socket.last_active_at(),
            source_ip: connection.source_ip.to_string(),
            user_agent: connection.user_agent.clone(),
        }
    }
}

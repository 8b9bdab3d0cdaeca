//! A stand-in for API Gateway's `/@connections`: takes posts, and answers as told by the connection's id.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use everwire_backend::push::Endpoint;
use everwire_backend::store::{self, Connection, Store};
use everwire_backend::token::{self, Secret};
use everwire_backend::{Backend, Config};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    token::now() as i64 * 1000
}

/// What came in.
struct Taken {
    /// Connection id and message, of each post that was answered 200.
    posts: Vec<(String, String)>,
    /// How often each connection was tried.
    tries: HashMap<String, usize>,
    authorizations: Vec<String>,
}

struct Posts {
    taken: Mutex<Taken>,
    /// How many are being answered.
    running: watch::Sender<usize>,
    gate: Semaphore,
}

type Shared = Arc<Posts>;

pub struct Management {
    pub domain_name: String,
    connected_at: i64,
    taken: Shared,
}

impl Management {
    /// What ids begin with decides: `gone` is answered 410 with no more than the status, `aws-gone` 410 as AWS does,
    /// `slow` never, `broken` 500, `forbidden` 403, `large` 413, `throttled` 429 for ever, `busy-N` 429 for N times,
    /// `full` 429 as to a client that does not read, and `held` when the
    /// gate is opened.
    pub async fn start() -> Self {
        let taken = Taken { posts: Vec::new(), tries: HashMap::new(), authorizations: Vec::new() };
        let running = watch::Sender::new(0);
        let taken = Arc::new(Posts { taken: Mutex::new(taken), running, gate: Semaphore::new(0) });
        let router = Router::new()
            .route("/dev/@connections/{id}", post(take))
            .route("/chat/@connections/{id}", post(take))
            .with_state(taken.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let domain_name = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        // A minute ago, so that none of its connections may still be opening.
        Self { domain_name, connected_at: now_ms() - 60_000, taken }
    }

    pub fn posts(&self) -> Vec<(String, String)> {
        let mut posts = self.taken.taken.lock().unwrap().posts.clone();
        posts.sort();
        posts
    }

    pub fn tries(&self, id: &str) -> usize {
        self.taken.taken.lock().unwrap().tries.get(id).copied().unwrap_or_default()
    }

    pub fn authorizations(&self) -> Vec<String> {
        self.taken.taken.lock().unwrap().authorizations.clone()
    }

    pub fn running(&self) -> usize {
        *self.taken.running.borrow()
    }

    pub async fn until_running(&self, posts: usize) {
        self.taken.running.subscribe().wait_for(|running| *running >= posts).await.unwrap();
    }

    pub async fn until_posted(&self, posts: usize) {
        // Whoever is posted to stops running afterwards.
        self.taken.running.subscribe().wait_for(|_| self.posts().len() >= posts).await.unwrap();
    }

    pub fn open_gate(&self) {
        self.taken.gate.add_permits(1_000_000);
    }

    pub fn connection(&self, id: &str, user: &str) -> Connection {
        Connection {
            connection_id: id.to_owned(),
            user: user.to_owned(),
            domain_name: self.domain_name.clone(),
            stage: "dev".to_owned(),
            connected_at: self.connected_at,
        }
    }

    /// The MESSAGE event of a real capture, from this API.
    pub fn message(&self, route: &str, connection_id: &str, body: &str) -> Value {
        json!({
            "requestContext": {
                "routeKey": route, "authorizer": {"principalId": "alice"}, "messageId": "Xux7ceaBliACHZQ=",
                "eventType": "MESSAGE", "extendedRequestId": "Xux7cExqliAFojw=",
                "requestTime": "31/Aug/2022:13:34:52 +0000", "messageDirection": "IN", "stage": "dev",
                "connectedAt": 1_661_952_892_072_i64, "requestTimeEpoch": 1_661_952_892_224_i64,
                "identity": {"userAgent": "Python/3.8 websockets/10.3", "sourceIp": "93.193.144.114"},
                "requestId": "Xux7cExqliAFojw=", "domainName": self.domain_name, "connectionId": connection_id,
                "apiId": "20kmit0mc5",
            },
            "body": body,
            "isBase64Encoded": false,
        })
    }
}

async fn take(
    State(posts): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    message: String,
) -> Response {
    posts.running.send_modify(|running| *running += 1);
    let tries = {
        let mut taken = posts.taken.lock().unwrap();
        taken.authorizations.push(headers["authorization"].to_str().unwrap().to_owned());
        *taken.tries.entry(id.clone()).and_modify(|tries| *tries += 1).or_insert(1)
    };
    let answer = answer(&id, tries, &posts.gate).await;
    if answer.status().is_success() {
        posts.taken.lock().unwrap().posts.push((id, message));
    }
    posts.running.send_modify(|running| *running -= 1);
    answer
}

async fn answer(id: &str, tries: usize, gate: &Semaphore) -> Response {
    let error = |status: StatusCode, kind: &str, text: &str| {
        (status, [("x-amzn-errortype", kind)], json!({ "message": text }).to_string()).into_response()
    };
    let throttled =
        |text: &str| error(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException:http://internal/", text);
    match id {
        id if id.starts_with("gone") => StatusCode::GONE.into_response(),
        id if id.starts_with("aws-gone") => {
            (StatusCode::GONE, [("x-amzn-errortype", "GoneException")]).into_response()
        }
        id if id.starts_with("slow") => std::future::pending().await,
        id if id.starts_with("broken") => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        id if id.starts_with("forbidden") => error(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden"),
        id if id.starts_with("large") => {
            error(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", "Message too long")
        }
        id if id.starts_with("throttled") => throttled("Rate exceeded"),
        id if id.starts_with("full") => throttled("WebSocket client side buffer is full"),
        id if id.starts_with("busy-") && tries <= id[5..6].parse().unwrap() => throttled("Rate exceeded"),
        id if id.starts_with("held") => {
            let _open = gate.acquire().await.unwrap();
            StatusCode::OK.into_response()
        }
        _ => StatusCode::OK.into_response(),
    }
}

/// A backend that posts over plain HTTP.
pub async fn backend() -> (Backend, Arc<dyn Store>) {
    backend_with(config()).await
}

pub fn config() -> Config {
    let secret = Secret::new("a secret of at least thirty-two bytes").unwrap();
    Config { endpoint: Endpoint::Http, ..Config::new(secret) }
}

pub async fn backend_with(config: Config) -> (Backend, Arc<dyn Store>) {
    let store = store::open(":memory:").await.unwrap();
    (Backend::new(config, store.clone()), store)
}

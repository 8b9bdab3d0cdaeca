//! A stand-in for API Gateway's `/@connections`: takes posts, and answers as told by the connection's id.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use everwire_backend::push::Endpoint;
use everwire_backend::store::{self, Connection, Store};
use everwire_backend::token::{self, Secret};
use everwire_backend::{Backend, Config};
use serde_json::{Value, json};

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    token::now() as i64 * 1000
}

/// What was posted: connection id and message.
type Posts = Arc<Mutex<Vec<(String, String)>>>;

pub struct Management {
    pub domain_name: String,
    connected_at: i64,
    posts: Posts,
}

impl Management {
    /// Ids that begin with `gone` are gone, with `slow` never answer, with `broken` answer 500.
    pub async fn start() -> Self {
        let posts = Posts::default();
        let router = Router::new().route("/dev/@connections/{id}", post(take)).with_state(posts.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let domain_name = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        // A minute ago, so that none of its connections may still be opening.
        Self { domain_name, connected_at: now_ms() - 60_000, posts }
    }

    pub fn posts(&self) -> Vec<(String, String)> {
        let mut posts = self.posts.lock().unwrap().clone();
        posts.sort();
        posts
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
    #[allow(dead_code, reason = "not every test sends messages")]
    pub fn message(&self, connection_id: &str, body: &str) -> Value {
        json!({
            "requestContext": {
                "routeKey": "request", "authorizer": {"principalId": "alice"}, "messageId": "Xux7ceaBliACHZQ=",
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

async fn take(State(posts): State<Posts>, Path(id): Path<String>, message: String) -> StatusCode {
    posts.lock().unwrap().push((id.clone(), message));
    match id {
        id if id.starts_with("gone") => StatusCode::GONE,
        id if id.starts_with("slow") => std::future::pending().await,
        id if id.starts_with("broken") => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::OK,
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
    (Backend::new(config, store.clone()).unwrap(), store)
}

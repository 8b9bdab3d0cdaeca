//! Own routes: rooms that users talk in. `cargo run -p everwire-backend --example chat` plays one message through it.
//!
//! Deployed, `main` would give `backend.handle` to `lambda_runtime::service_fn`, as `src/main.rs` does.

use std::error::Error;

use everwire_backend::store;
use everwire_backend::token::Secret;
use everwire_backend::{Backend, Config, Context, Decision, FunctionError, Request, Response, routes};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Say {
    to: Vec<String>,
    text: String,
}

/// `{"action": "say", "to": ["bob"], "text": "Hi"}`
async fn say(request: Request) -> Result<(), FunctionError> {
    let Say { to, text } = request.json()?;
    let mut delivered = 0;
    for user in &to {
        delivered += request.send(user, json!({ "from": request.user(), "text": text })).await?.delivered;
    }
    request.reply(json!({ "said": true, "delivered": delivered })).await
}

/// Guests of a full house are turned away before the built-in route keeps their connection.
async fn connect(request: Request) -> Result<Response, FunctionError> {
    match request.context("guest").is_some() {
        true => Ok(Response::status(403, "members only today")),
        false => routes::connect(request).await,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = Secret::new("only for this example, never for users").ok_or("empty")?;
    let backend = Backend::new(Config::new(secret), store::open(":memory:").await?)
        .rule(|claims| match claims.has_scope("guest") {
            true => Decision::Allow(Context::default().with("guest", true)),
            false => Decision::allow(),
        })
        .route("say", say)
        .route("$connect", connect);

    // What API Gateway would send for a guest's handshake; abridged.
    let context = json!({
        "routeKey": "$connect", "eventType": "CONNECT", "connectedAt": 0, "requestTimeEpoch": 0,
        "connectionId": "L0SM9cOFvHcCIhw=", "domainName": "chat.example.com", "stage": "prod",
        "authorizer": { "principalId": "carol", "guest": "true" },
    });
    println!("{}", backend.handle(json!({ "requestContext": context })).await?);
    Ok(())
}

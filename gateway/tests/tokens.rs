//! What the status of a handshake says about its token, with the real authorizer.

mod support;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use everwire_backend::token::{self, Kind};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use support::{Running, SECRET, access_token, secret};

fn signed(algorithm: Algorithm, claims: Value, secret: &str) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret.as_bytes()))
        .unwrap()
}

async fn status(token: &str) -> u16 {
    Running::backend().await.refused(&format!("/dev?token={token}")).await.0
}

fn alice() -> Value {
    json!({"sub": "alice", "exp": token::now() + 60})
}

#[tokio::test]
async fn a_good_token_connects_with_and_without_a_trailing_slash() {
    let gateway = Running::backend().await;
    for path in ["/dev", "/dev/"] {
        let url = format!("ws://{}{path}?token={}", gateway.address, access_token("alice"));
        let mut client = support::Client::connect(&url).await;
        client.send(r#"{"action":"ping"}"#).await;
        assert_eq!(client.json().await["action"], "pong");
    }
}

#[tokio::test]
async fn no_token_or_an_empty_one_is_refused_with_401() {
    let gateway = Running::backend().await;
    for path in ["/dev", "/dev?", "/dev?token", "/dev?token=", "/dev?other=x", "/dev?token=x&token="] {
        assert_eq!(gateway.refused(path).await.0, 401, "{path}");
    }
}

#[tokio::test]
async fn garbage_is_refused_with_401() {
    let gateway = Running::backend().await;
    for token in ["garbage", "a.b.c", "%00", "%FF%FE", "..", "null"] {
        assert_eq!(gateway.refused(&format!("/dev?token={token}")).await.0, 401, "{token}");
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_with_401() {
    let expired = token::mint(&secret(), Kind::Access, "alice", token::now() - 61, 60).unwrap();
    assert_eq!(status(&expired).await, 401);
}

#[tokio::test]
async fn a_token_without_an_expiry_is_refused_with_401() {
    assert_eq!(status(&signed(Algorithm::HS256, json!({"sub": "alice"}), SECRET)).await, 401);
}

#[tokio::test]
async fn a_token_signed_with_another_secret_is_refused_with_401() {
    assert_eq!(status(&signed(Algorithm::HS256, alice(), "another")).await, 401);
}

#[tokio::test]
async fn a_token_with_the_algorithm_none_is_refused_with_401() {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let claims = URL_SAFE_NO_PAD.encode(alice().to_string());
    assert_eq!(status(&format!("{header}.{claims}.")).await, 401);
}

#[tokio::test]
async fn a_token_with_another_algorithm_is_refused_with_401() {
    assert_eq!(status(&signed(Algorithm::HS512, alice(), SECRET)).await, 401);
}

#[tokio::test]
async fn refresh_and_push_tokens_are_refused_with_401() {
    for kind in [Kind::Refresh, Kind::Push] {
        assert_eq!(status(&token::mint(&secret(), kind, "alice", token::now(), 60).unwrap()).await, 401);
    }
}

#[tokio::test]
async fn a_good_token_that_names_nobody_is_refused_with_500() {
    assert_eq!(status(&signed(Algorithm::HS256, json!({"exp": token::now() + 60}), SECRET)).await, 500);
}

#[tokio::test]
async fn the_last_of_two_tokens_counts() {
    let gateway = Running::backend().await;
    let good = access_token("alice");
    assert_eq!(gateway.refused(&format!("/dev?token={good}&token=bad")).await.0, 401);
    support::Client::connect(&format!("ws://{}/dev?token=bad&token={good}", gateway.address)).await;
}

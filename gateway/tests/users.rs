//! `/@users`: pushing to all connections of a user.

mod support;

use everwire_backend::push::Report;
use everwire_backend::token::{self, Kind, Secret};
use everwire_gateway::send::{SendError, send};
use reqwest::{Response, Url};
use support::{Running, access_token, secret};

fn push_token() -> String {
    token::mint(&secret(), Kind::Push, "test", token::now(), 60).unwrap()
}

async fn post(
    gateway: &Running,
    user: &str,
    token: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> Response {
    let request = gateway.http.post(gateway.url(&format!("/dev/@users/{user}"))).body(body);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_push_reaches_all_sockets_of_the_user_and_is_reported() {
    let gateway = Running::backend().await;
    let (mut one, mut two) = (gateway.connect_as("alice").await, gateway.connect_as("alice").await);
    let _bob = gateway.connect_as("bob").await;
    let response = post(&gateway, "alice", Some(&push_token()), r#"{"title":"Hi"}"#).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.unwrap(), r#"{"delivered":2,"gone":0,"failed":0}"#);
    let received = one.text().await;
    assert!(received.starts_with(r#"{"title":"Hi","everwire":"#), "{received}");
    assert_eq!(two.text().await, received);
}

#[tokio::test]
async fn only_a_push_token_may_push() {
    let gateway = Running::backend().await;
    let refresh = token::mint(&secret(), Kind::Refresh, "alice", token::now(), 60).unwrap();
    let expired = token::mint(&secret(), Kind::Push, "alice", token::now() - 61, 60).unwrap();
    let foreign =
        token::mint(&Secret::new("another").unwrap(), Kind::Push, "alice", token::now(), 60).unwrap();
    for token in
        [None, Some("garbage"), Some(&access_token("alice")), Some(&refresh), Some(&expired), Some(&foreign)]
    {
        assert_eq!(
            post(&gateway, "alice", token.map(|token| token as &str), "1").await.status(),
            401,
            "{token:?}"
        );
    }
}

#[tokio::test]
async fn a_message_that_is_not_json_is_answered_with_400_and_one_too_big_with_413() {
    let gateway = Running::backend().await;
    assert_eq!(post(&gateway, "alice", Some(&push_token()), "{").await.status(), 400);
    assert_eq!(post(&gateway, "alice", Some(&push_token()), "").await.status(), 400);
    let big = format!("\"{}\"", "x".repeat(131_072));
    assert_eq!(post(&gateway, "alice", Some(&push_token()), big).await.status(), 413);
}

#[tokio::test]
async fn a_name_that_is_not_utf_8_is_answered_with_400_and_awss_headers() {
    let gateway = Running::backend().await;
    let response = post(&gateway, "%FF", Some(&push_token()), "1").await;
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["x-amzn-errortype"], "BadRequestException");
    assert_eq!(response.text().await.unwrap(), r#"{"message": "The user's name is not UTF-8"}"#);
    assert_eq!(post(&gateway, "%FF", None, "1").await.status(), 401);
}

#[tokio::test]
async fn names_with_any_character_are_reached() {
    let gateway = Running::backend().await;
    let endpoint = Url::parse(&gateway.url("/dev")).unwrap();
    for user in ["a/b", "a b?c#d", "ünï@example.com", "100%", "a\\b"] {
        let mut client = gateway.connect_as(user).await;
        let report = send(&endpoint, &secret(), user, "\"Hi\"").await.unwrap();
        assert_eq!(report, Report { delivered: 1, ..Report::default() }, "{user}");
        assert_eq!(client.text().await, "\"Hi\"");
    }
}

#[tokio::test]
async fn an_endpoint_with_a_trailing_slash_is_the_same_endpoint() {
    let gateway = Running::backend().await;
    let endpoint = Url::parse(&gateway.url("/dev/")).unwrap();
    assert_eq!(send(&endpoint, &secret(), "alice", "1").await.unwrap(), Report::default());
}

#[tokio::test]
async fn send_says_why_it_could_not() {
    let gateway = Running::backend().await;
    let endpoint = Url::parse(&gateway.url("/dev")).unwrap();
    let wrong_stage = Url::parse(&gateway.url("/prod")).unwrap();
    let nowhere = Url::parse("http://127.0.0.1:1/dev").unwrap();
    let tls = Url::parse("https://127.0.0.1/dev").unwrap();
    let another = Secret::new("another").unwrap();
    assert!(matches!(send(&endpoint, &secret(), "alice", "Hi").await, Err(SendError::NotJson(_))));
    assert!(matches!(send(&endpoint, &secret(), "..", "1").await, Err(SendError::User(_))));
    assert!(matches!(send(&endpoint, &another, "alice", "1").await, Err(SendError::Unauthorized(_))));
    assert!(
        matches!(send(&wrong_stage, &secret(), "alice", "1").await, Err(SendError::Refused(_, status, _)) if status == 403)
    );
    assert!(matches!(send(&nowhere, &secret(), "alice", "1").await, Err(SendError::Unreachable(..))));
    assert!(matches!(send(&tls, &secret(), "alice", "1").await, Err(SendError::Endpoint(_))));
}

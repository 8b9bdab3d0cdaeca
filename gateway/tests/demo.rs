//! `/demo`: sign-in, troubles on request, and who may ask.

mod support;

use everwire_backend::token::{self, Kind};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use support::{Client, Running, access_token, secret};

async fn call(gateway: &Running, path: &str, token: Option<&str>, body: Value) -> Response {
    let request = gateway.http.post(gateway.url(path)).json(&body);
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
    .send()
    .await
    .unwrap()
}

async fn sign_in(gateway: &Running, user: &str) -> Value {
    let response = call(gateway, "/demo/sign-in", None, json!({ "user": user })).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

#[tokio::test]
async fn sign_in_gives_tokens_under_the_names_of_axios_jwt_and_they_connect() {
    let gateway = Running::backend().await;
    let tokens = sign_in(&gateway, "alice").await;
    assert_eq!(tokens.as_object().unwrap().len(), 2);
    let access = text(&tokens, "accessToken");
    assert_eq!(token::verify(&secret(), Kind::Access, access).unwrap(), "alice");
    Client::connect(&format!("ws://{}/dev?token={access}", gateway.address)).await;
}

#[tokio::test]
async fn access_tokens_live_as_long_as_asked_and_refresh_tokens_an_hour() {
    use base64::Engine;
    let gateway = Running::backend_with(Some(std::time::Duration::from_secs(7))).await;
    let tokens = sign_in(&gateway, "alice").await;
    for (name, ttl) in [("accessToken", 7), ("refreshToken", 3600)] {
        let claims = text(&tokens, name).split('.').nth(1).unwrap();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), ttl, "{name}");
    }
}

#[tokio::test]
async fn a_user_name_that_breaks_the_rule_is_answered_with_400_and_the_rule() {
    let gateway = Running::backend().await;
    sign_in(&gateway, &"a".repeat(64)).await;
    sign_in(&gateway, "A.b_c-d@example.com").await;
    for user in ["", "a b", "é", "a/b", "a\nb", &"a".repeat(65)] {
        let response = call(&gateway, "/demo/sign-in", None, json!({ "user": user })).await;
        assert_eq!(response.status(), 400, "{user:?}");
        assert!(response.text().await.unwrap().contains("1 to 64 characters"));
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_was_asked_for_is_answered_with_4xx() {
    let gateway = Running::backend().await;
    for body in [json!({}), json!([]), json!("alice"), json!({"user": 7}), json!(null)] {
        assert_eq!(call(&gateway, "/demo/sign-in", None, body).await.status(), 422);
    }
    let plain =
        gateway.http.post(gateway.url("/demo/sign-in")).body(r#"{"user":"alice"}"#).send().await.unwrap();
    assert_eq!(plain.status(), 415, "a form of another site could send this");
}

#[tokio::test]
async fn a_refresh_token_gets_a_fresh_pair_and_nothing_else_does() {
    let gateway = Running::backend().await;
    let tokens = sign_in(&gateway, "alice").await;
    let refresh = |token: String| {
        let gateway = &gateway;
        async move { call(gateway, "/demo/refresh", None, json!({ "refreshToken": token })).await }
    };
    let fresh = refresh(text(&tokens, "refreshToken").to_owned()).await;
    assert_eq!(fresh.status(), 200);
    let fresh: Value = fresh.json().await.unwrap();
    assert_eq!(token::verify(&secret(), Kind::Access, text(&fresh, "accessToken")).unwrap(), "alice");
    assert_eq!(token::verify(&secret(), Kind::Refresh, text(&fresh, "refreshToken")).unwrap(), "alice");

    let expired = token::mint(&secret(), Kind::Refresh, "alice", token::now() - 61, 60).unwrap();
    for token in [text(&tokens, "accessToken").to_owned(), expired, "garbage".to_owned(), String::new()] {
        assert_eq!(refresh(token).await.status(), 401);
    }
}

#[tokio::test]
async fn a_refresh_token_opens_no_socket_and_calls_no_endpoint() {
    let gateway = Running::backend().await;
    let tokens = sign_in(&gateway, "alice").await;
    let refresh = text(&tokens, "refreshToken");
    assert_eq!(gateway.refused(&format!("/dev?token={refresh}")).await.0, 401);
    assert_eq!(call(&gateway, "/demo/drop", Some(refresh), json!({})).await.status(), 401);
}

#[tokio::test]
async fn drop_cuts_the_callers_sockets_without_a_close_frame_and_nobody_elses() {
    let gateway = Running::backend().await;
    let (mut one, mut two) = (gateway.connect_as("alice").await, gateway.connect_as("alice").await);
    let mut bob = gateway.connect_as("bob").await;
    let response = call(&gateway, "/demo/drop", Some(&access_token("alice")), json!({})).await;
    assert_eq!(response.text().await.unwrap(), r#"{"dropped":2}"#);
    assert_eq!(one.closed().await, None);
    assert_eq!(two.closed().await, None);
    bob.send(r#"{"action":"ping"}"#).await;
    assert_eq!(bob.json().await["action"], "pong");
}

#[tokio::test]
async fn sockets_that_have_left_are_not_kept_to_be_dropped() {
    let gateway = Running::backend().await;
    gateway.connect_as("alice").await.close(1000, "").await;
    support::until("no socket left", || async {
        let response = call(&gateway, "/demo/drop", Some(&access_token("alice")), json!({})).await;
        (response.text().await.unwrap() == r#"{"dropped":0}"#).then_some(())
    })
    .await;
}

#[tokio::test]
async fn refuse_makes_the_next_handshakes_fail_with_503() {
    let gateway = Running::backend().await;
    let (alice, bob) = (access_token("alice"), access_token("bob"));
    let response = call(&gateway, "/demo/refuse", Some(&alice), json!({"next": 3})).await;
    assert_eq!(response.text().await.unwrap(), r#"{"next":3}"#);
    for token in [&alice, &bob, &alice] {
        assert_eq!(gateway.refused(&format!("/dev?token={token}")).await.0, 503);
    }
    gateway.connect_as("alice").await;
}

#[tokio::test]
async fn refuse_with_0_refuses_no_more() {
    let gateway = Running::backend().await;
    let alice = access_token("alice");
    call(&gateway, "/demo/refuse", Some(&alice), json!({"next": 100})).await;
    assert_eq!(gateway.refused(&format!("/dev?token={alice}")).await.0, 503);
    call(&gateway, "/demo/refuse", Some(&alice), json!({"next": 0})).await;
    gateway.connect_as("alice").await;
}

#[tokio::test]
async fn refuse_takes_0_to_100() {
    let gateway = Running::backend().await;
    for (next, status) in
        [(json!(101), 400), (json!(-1), 422), (json!("3"), 422), (json!(1.5), 422), (json!(100), 200)]
    {
        let response =
            call(&gateway, "/demo/refuse", Some(&access_token("alice")), json!({ "next": next })).await;
        assert_eq!(response.status(), status, "{next}");
    }
}

#[tokio::test]
async fn expired_token_gives_a_token_that_was_right_once() {
    let gateway = Running::backend().await;
    let response = call(&gateway, "/demo/expired-token", Some(&access_token("alice")), json!({})).await;
    let tokens: Value = response.json().await.unwrap();
    let expired = text(&tokens, "accessToken");
    assert_eq!(gateway.refused(&format!("/dev?token={expired}")).await.0, 401);
    let error = token::verify(&secret(), Kind::Access, expired).unwrap_err().to_string();
    assert!(error.contains("has expired"), "{error}");
}

#[tokio::test]
async fn troubles_need_an_access_token() {
    let gateway = Running::backend().await;
    for path in ["/demo/drop", "/demo/refuse", "/demo/expired-token"] {
        for token in [None, Some("garbage")] {
            assert_eq!(call(&gateway, path, token, json!({"next": 1})).await.status(), 401, "{path}");
        }
    }
    gateway.connect_as("alice").await;
}

#[tokio::test]
async fn pages_of_this_machine_may_call_and_read_the_answer() {
    let gateway = Running::backend().await;
    for origin in
        ["http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:3000", "https://app.localhost"]
    {
        let preflight =
            gateway.http.request(Method::OPTIONS, gateway.url("/demo/drop")).header("Origin", origin);
        let preflight = preflight
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,content-type");
        let response = preflight.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["access-control-allow-origin"], origin);
        let allowed = response.headers()["access-control-allow-headers"].to_str().unwrap();
        assert!(allowed.contains("authorization") && allowed.contains("content-type"), "{allowed}");

        let request = gateway.http.post(gateway.url("/demo/sign-in")).header("Origin", origin);
        let response = request.json(&json!({"user": "alice"})).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["access-control-allow-origin"]),
            (200, &origin.parse().unwrap())
        );
    }
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_whatever_they_claim_to_be() {
    let gateway = Running::backend().await;
    let origins = [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "null",
        "file://",
    ];
    for origin in origins {
        let request = gateway.http.post(gateway.url("/demo/sign-in")).header("Origin", origin);
        let response = request.json(&json!({"user": "alice"})).send().await.unwrap();
        assert_eq!(response.status(), 403, "{origin}");
        assert!(!response.headers().contains_key("access-control-allow-origin"), "{origin}");
    }
}

#[tokio::test]
async fn a_rebound_host_name_is_refused() {
    let gateway = Running::backend().await;
    for host in [
        "evil.example",
        "evil.example:3001",
        "localhost.evil.example",
        "10.0.0.1",
        "localhost@evil.example",
        "evil@localhost",
        "evil:x@127.0.0.1",
        "localhost#evil",
        "localhost/evil",
        "localhost?evil",
        "",
    ] {
        let request = gateway.http.post(gateway.url("/demo/sign-in")).header("Host", host);
        let response = request.json(&json!({"user": "alice"})).send().await.unwrap();
        assert_eq!(response.status(), 403, "{host}");
    }
    for host in ["localhost:3001", "127.0.0.1", "[::1]:3001"] {
        let request = gateway.http.post(gateway.url("/demo/sign-in")).header("Host", host);
        assert_eq!(request.json(&json!({"user": "alice"})).send().await.unwrap().status(), 200, "{host}");
    }
}

#[tokio::test]
async fn without_the_demo_there_is_no_demo() {
    let gateway = Running::backend_with(None).await;
    for path in ["/demo/sign-in", "/demo/refresh", "/demo/drop", "/demo/refuse", "/demo/expired-token"] {
        assert_eq!(call(&gateway, path, None, json!({"user": "alice"})).await.status(), 403);
    }
}

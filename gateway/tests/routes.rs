//! Which function gets a message, and what the client gets when it fails.

mod support;

use std::sync::Arc;
use std::time::Duration;

use everwire_gateway::Config;
use everwire_gateway::api::{Api, Route};
use serde_json::json;
use support::{Client, Running, Script, fail, ok};
use tokio::sync::Semaphore;

/// The route key of the function that got each of these messages.
async fn routes(script: Script, messages: &[&str]) -> Vec<String> {
    let gateway = Running::script(script).await;
    let mut client = gateway.connect().await;
    let mut routes = Vec::new();
    for message in messages {
        client.send(message).await;
        let mut events = gateway.script.called().await;
        while events.is_empty() {
            tokio::task::yield_now().await;
            events = gateway.script.called().await;
        }
        routes.append(&mut events);
    }
    routes
}

/// An error frame, byte for byte, but for the ids, which are checked and cut out.
async fn error_frame(client: &mut Client, connection_id: Option<&str>) -> String {
    let frame = client.text().await;
    let ids: serde_json::Value = serde_json::from_str(&frame).unwrap();
    let (connection, request) = (ids["connectionId"].as_str().unwrap(), ids["requestId"].as_str().unwrap());
    assert!(connection_id.is_none_or(|id| id == connection), "{frame}");
    assert_ne!(connection, request);
    frame.replace(connection, "C").replace(request, "R")
}

#[tokio::test]
async fn a_message_goes_to_the_route_its_action_names() {
    let script = Script::new().on("ping", ok).on("$default", ok).on("7", ok).on("true", ok);
    let messages = [r#"{"action":"ping"}"#, r#"{"action":7}"#, r#"{ "x": {}, "action" : true }"#];
    assert_eq!(routes(script, &messages).await, ["ping", "7", "true"]);
}

#[tokio::test]
async fn every_other_message_goes_to_default() {
    let messages = [
        r#"{"action":"Ping"}"#,
        r#"{"action":"ping "}"#,
        r#"{"action":null}"#,
        r#"{"Action":"ping"}"#,
        r#"{"action":["ping"]}"#,
        r#"{"nested":{"action":"ping"}}"#,
        r#"{"action":"$default"}"#,
        r#"["action","ping"]"#,
        r#"{action:"ping"}"#,
        "\"ping\"",
        "ping",
        "",
    ];
    let script = Script::new().on("ping", ok).on("$default", ok);
    assert_eq!(routes(script, &messages).await, ["$default"; 12]);
}

#[tokio::test]
async fn a_client_cannot_select_connect_disconnect_or_the_authorizer() {
    let script = Script::new().on("$connect", ok).on("$disconnect", ok).on("$default", ok);
    let messages = [r#"{"action":"$connect"}"#, r#"{"action":"$disconnect"}"#, r#"{"action":"authorizer"}"#];
    let called = routes(script, &messages).await;
    assert_eq!(called, ["$connect", "$default", "$default", "$default"]);
}

#[tokio::test]
async fn a_message_without_a_route_and_without_default_is_answered_with_forbidden() {
    let gateway = Running::script(Script::new().on("$connect", ok)).await;
    let (mut client, id) = gateway.connect_with_id().await;
    client.send(r#"{"action":"dance"}"#).await;
    let frame = error_frame(&mut client, Some(&id)).await;
    assert_eq!(frame, r#"{"message": "Forbidden", "connectionId":"C", "requestId":"R"}"#);
}

#[tokio::test]
async fn a_function_that_fails_or_panics_is_answered_with_internal_server_error() {
    let gateway =
        Running::script(Script::new().on("fails", fail).on("panics", |_| panic!("on purpose"))).await;
    let mut client = gateway.connect().await;
    for message in [r#"{"action":"fails"}"#, r#"{"action":"panics"}"#] {
        client.send(message).await;
        let frame = error_frame(&mut client, None).await;
        assert_eq!(frame, r#"{"message": "Internal server error", "connectionId":"C", "requestId":"R"}"#);
    }
}

#[tokio::test]
async fn a_malformed_result_is_answered_with_internal_server_error() {
    for result in [json!({}), json!("ok"), json!({"ConnectionId": "x", "Data": "y", "statusCode": 200})] {
        let gateway = Running::script(Script::new().answering("$default", result)).await;
        let mut client = gateway.connect().await;
        client.send("x").await;
        assert!(client.text().await.starts_with(r#"{"message": "Internal server error", "#));
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_answered_with_a_timeout() {
    let script = Script::new().held("$default", &Arc::new(Semaphore::new(0)));
    let config = Config { integration_timeout: Duration::from_millis(50), ..Config::default() };
    let gateway = Running::script_with(script, config).await;
    let mut client = gateway.connect().await;
    client.send("x").await;
    let frame = error_frame(&mut client, None).await;
    assert_eq!(frame, r#"{"message": "Endpoint request timed out", "connectionId":"C", "requestId":"R"}"#);
}

#[tokio::test]
async fn what_a_route_returns_never_reaches_the_client_and_its_status_means_nothing() {
    let script = Script::new()
        .answering("quiet", json!({"statusCode": 500, "body": "secret"}))
        .answering("null", json!(null))
        .on("fails", fail);
    let gateway = Running::script(script).await;
    let mut client = gateway.connect().await;
    for action in ["quiet", "null"] {
        client.send(&json!({ "action": action }).to_string()).await;
        gateway.script.event(action).await;
    }
    // The first thing to arrive is what is sent last.
    client.send(r#"{"action":"fails"}"#).await;
    assert!(client.text().await.starts_with(r#"{"message": "Internal server error", "#));
}

/// A gateway whose routes are all two-way.
async fn two_way(script: Script) -> Running {
    let mut api = script.api();
    api.routes.values_mut().for_each(|route| route.is_two_way = true);
    Running::api(script, api, Config::default()).await
}

#[tokio::test]
async fn a_two_way_route_answers_with_its_body_as_it_is_whatever_the_status() {
    let script = Script::new()
        .answering("text", json!({"statusCode": 200, "body": "{ \"a\" : 1 }"}))
        .answering("failed", json!({"statusCode": 500, "body": "sorry"}))
        .answering("base64", json!({"statusCode": 200, "body": "w6k=", "isBase64Encoded": true}));
    let gateway = two_way(script).await;
    let mut client = gateway.connect().await;
    for (action, body) in [("text", r#"{ "a" : 1 }"#), ("failed", "sorry"), ("base64", "é")] {
        client.send(&json!({ "action": action }).to_string()).await;
        assert_eq!(client.text().await, body);
    }
}

#[tokio::test]
async fn a_two_way_route_without_a_body_says_nothing() {
    let script = Script::new()
        .answering("none", json!({"statusCode": 200}))
        .answering("null", json!({"statusCode": 200, "body": null}))
        .answering("empty", json!({"statusCode": 200, "body": ""}))
        .answering("last", json!({"statusCode": 200, "body": "last"}));
    let gateway = two_way(script).await;
    let mut client = gateway.connect().await;
    for action in ["none", "null", "empty", "last"] {
        client.send(&json!({ "action": action }).to_string()).await;
        gateway.script.event(action).await;
    }
    assert_eq!(client.text().await, "last");
}

#[tokio::test]
async fn a_two_way_route_with_a_body_that_is_no_text_has_failed() {
    let script = Script::new()
        .answering("object", json!({"statusCode": 200, "body": {"a": 1}}))
        .answering("bytes", json!({"statusCode": 200, "body": "/w==", "isBase64Encoded": true}));
    let gateway = two_way(script).await;
    let mut client = gateway.connect().await;
    for action in ["object", "bytes"] {
        client.send(&json!({ "action": action }).to_string()).await;
        assert!(client.text().await.starts_with(r#"{"message": "Internal server error", "#));
    }
}

#[tokio::test]
async fn a_status_of_400_or_more_is_a_failure_only_when_asked_to_be() {
    let script = Script::new().answering("$default", json!({"statusCode": 400}));
    let config = Config { failed_status_is_error: true, ..Config::default() };
    let gateway = Running::script_with(script, config).await;
    let mut client = gateway.connect().await;
    client.send("x").await;
    assert!(client.text().await.starts_with(r#"{"message": "Internal server error", "#));
}

#[tokio::test]
async fn another_expression_selects_by_what_it_says_and_one_function_may_have_many_routes() {
    let script = Script::new().on("chat", ok);
    let api = Api {
        route_selection: "${request.body.topic.name}/${request.body.verb}".parse().unwrap(),
        ..Api::default()
            .with_route("news/read", Route::new("chat"))
            .with_route("news/", Route::new("chat"))
            .with_route("$default", Route::new("chat"))
    };
    let gateway = Running::api(script, api, Config::default()).await;
    let mut client = gateway.connect().await;
    for (message, route_key) in [
        (r#"{"topic":{"name":"news"},"verb":"read"}"#, "news/read"),
        (r#"{"topic":{"name":"news"}}"#, "news/"),
        (r#"{"action":"news/read"}"#, "$default"),
        ("news/read", "$default"),
    ] {
        client.send(message).await;
        assert_eq!(gateway.script.event("chat").await["requestContext"]["routeKey"], route_key);
    }
}

#[tokio::test]
async fn a_message_nested_too_deeply_to_be_read_goes_to_default() {
    let bomb = format!(r#"{{"action":"ping","a":{}}}"#, "[".repeat(10_000) + &"]".repeat(10_000));
    let script = Script::new().on("ping", ok).on("$default", ok);
    assert_eq!(routes(script, &[&bomb, r#"{"action":"ping"}"#]).await, ["$default", "ping"]);
}

#[tokio::test]
async fn messages_of_one_connection_run_concurrently() {
    let gate = Arc::new(Semaphore::new(0));
    let gateway = Running::script(Script::new().held("slow", &gate).on("quick", ok)).await;
    let mut client = gateway.connect().await;
    client.send(r#"{"action":"slow"}"#).await;
    client.send(r#"{"action":"quick"}"#).await;
    gateway.script.event("quick").await;
    gate.add_permits(1);
}

#[tokio::test]
async fn messages_run_one_after_another_when_asked_to() {
    let gate = Arc::new(Semaphore::new(0));
    let config = Config { concurrent_messages: 1, ..Config::default() };
    let gateway = Running::script_with(Script::new().held("slow", &gate).on("quick", ok), config).await;
    let mut client = gateway.connect().await;
    client.send(r#"{"action":"slow"}"#).await;
    client.send(r#"{"action":"quick"}"#).await;
    gateway.script.event("slow").await;
    // Another connection's round trip leaves the second message time to overtake, if it could.
    let mut other = gateway.connect().await;
    other.send(r#"{"action":"nothing"}"#).await;
    other.text().await;
    assert_eq!(gateway.script.called().await, [""; 0]);
    gate.add_permits(1);
    gateway.script.event("quick").await;
}

#[tokio::test]
async fn the_demo_routes_answer_through_the_connection() {
    let gateway = Running::backend().await;
    let mut client = gateway.connect_as("alice").await;
    client.send(r#"{"action":"ping","id":"p1"}"#).await;
    let pong = client.json().await;
    assert_eq!((&pong["action"], &pong["id"]), (&json!("pong"), &json!("p1")));
    client.send(r#"{"action":"echo","text":"hi"}"#).await;
    assert_eq!(client.text().await, r#"{"action":"echo","message":{"action":"echo","text":"hi"}}"#);
    client.send(r#"{"action":"dance","id":3}"#).await;
    assert_eq!(
        client.text().await,
        r#"{"action":"unknown","id":3,"message":"no route for action \"dance\""}"#
    );
    client.send("hello").await;
    assert_eq!(client.json().await["action"], "unknown");
}

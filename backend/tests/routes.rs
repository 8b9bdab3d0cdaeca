//! The functions behind the routes, with the events of real captures.

mod support;

use serde_json::{Value, json};
use support::{Management, backend, now_ms};

const CONNECT: &str = r#"{"headers":{"Host":"dev.ws-api.example.com","Sec-WebSocket-Key":"WkQgPq2aaLgLt09qzhmA8g==","X-Forwarded-For":"93.193.144.114"},"multiValueHeaders":{"Host":["dev.ws-api.example.com"]},"queryStringParameters":{"token":"a.b.c"},"multiValueQueryStringParameters":{"token":["a.b.c"]},"requestContext":{"routeKey":"$connect","authorizer":{"principalId":"alice","integrationLatency":111},"eventType":"CONNECT","extendedRequestId":"Xux7aHf-FiAFqTg=","requestTime":"31/Aug/2022:13:34:52 +0000","messageDirection":"IN","stage":"dev","connectedAt":1661952892072,"requestTimeEpoch":1661952892073,"identity":{"userAgent":"Python/3.8 websockets/10.3","sourceIp":"93.193.144.114"},"requestId":"Xux7aHf-FiAFqTg=","domainName":"dev.ws-api.example.com","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"},"isBase64Encoded":false}"#;
const DISCONNECT: &str = r#"{"headers":{"Host":"dev.ws-api.example.com","x-api-key":"","X-Forwarded-For":"","x-restapi":""},"multiValueHeaders":{"Host":["dev.ws-api.example.com"],"x-api-key":[""],"X-Forwarded-For":[""],"x-restapi":[""]},"requestContext":{"routeKey":"$disconnect","disconnectStatusCode":1005,"eventType":"DISCONNECT","extendedRequestId":"ABCD1234=","requestTime":"09/Feb/2024:18:23:28 +0000","messageDirection":"IN","disconnectReason":"Client-side close frame status not set","stage":"dev","connectedAt":1661952892072,"requestTimeEpoch":1707503008941,"identity":{"sourceIp":"192.0.2.1"},"requestId":"ABCD1234=","domainName":"dev.ws-api.example.com","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"},"isBase64Encoded":false}"#;

fn event(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The capture of `$connect`, as if it had happened at this time.
fn connect_at(ms: i64) -> Value {
    let mut event = event(CONNECT);
    event["requestContext"]["connectedAt"] = json!(ms);
    event
}

#[tokio::test]
async fn connect_keeps_user_connection_domain_stage_and_time() {
    let (backend, store) = backend().await;
    let connected_at = now_ms();
    let result = backend.handle(connect_at(connected_at)).await.unwrap();
    assert_eq!(result["statusCode"], 200);
    let kept = &store.page("alice", None).await.unwrap().connections[0];
    assert_eq!(kept.connection_id, "Xux7aeaAFiACHZQ=");
    assert_eq!((kept.domain_name.as_str(), kept.stage.as_str()), ("dev.ws-api.example.com", "dev"));
    assert_eq!(kept.connected_at, connected_at);
}

#[tokio::test]
async fn connect_without_a_user_answers_401_and_keeps_nothing() {
    let (backend, store) = backend().await;
    for authorizer in [json!(null), json!({}), json!({"principalId": null})] {
        let mut event = connect_at(now_ms());
        event["requestContext"]["authorizer"] = authorizer;
        assert_eq!(backend.handle(event).await.unwrap()["statusCode"], 401);
    }
    assert!(store.page("alice", None).await.unwrap().connections.is_empty());
}

#[tokio::test]
async fn connect_without_a_connection_id_fails() {
    let mut event = event(CONNECT);
    event["requestContext"].as_object_mut().unwrap().remove("connectionId");
    let error = backend().await.0.handle(event).await.unwrap_err();
    assert!(error.to_string().contains("connectionId"), "{error}");
}

#[tokio::test]
async fn disconnect_forgets_the_connection_and_may_come_twice() {
    let (backend, store) = backend().await;
    backend.handle(connect_at(now_ms())).await.unwrap();
    assert_eq!(store.page("alice", None).await.unwrap().connections.len(), 1);
    for _ in 0..2 {
        assert_eq!(backend.handle(event(DISCONNECT)).await.unwrap()["statusCode"], 200);
        assert!(store.page("alice", None).await.unwrap().connections.is_empty());
    }
}

/// Runs a route on a message, and gives what it pushed to the connection.
async fn pushed(route: &str, body: &str) -> String {
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let result = backend.handle(management.message(route, "here", body)).await.unwrap();
    assert_eq!(result["statusCode"], 200);
    let [(connection_id, message)] = &management.posts()[..] else { panic!("not one push") };
    assert_eq!(connection_id, "here");
    message.clone()
}

#[tokio::test]
async fn ping_pushes_a_pong_with_the_time_and_the_messages_id() {
    let pong = event(&pushed("ping", r#"{"action":"ping","id":7}"#).await);
    assert_eq!((&pong["action"], &pong["id"]), (&json!("pong"), &json!(7)));
    assert!(pong["at"].as_u64().unwrap() > 1_700_000_000_000, "{pong}");
    let pong = event(&pushed("ping", r#"{"action":"ping"}"#).await);
    assert_eq!(pong.as_object().unwrap().len(), 2, "{pong}");
}

#[tokio::test]
async fn echo_pushes_the_message_as_it_was_written() {
    let sent = r#"{"action":"echo", "z":1, "a":12345678901234567890123, "id":"x"}"#;
    assert_eq!(pushed("echo", sent).await, format!(r#"{{"action":"echo","id":"x","message":{sent}}}"#));
}

#[tokio::test]
async fn default_names_the_action_that_has_no_route() {
    let pushed_back = pushed("$default", r#"{"action":"dance","id":[1]}"#).await;
    assert_eq!(pushed_back, r#"{"action":"unknown","id":[1],"message":"no route for action \"dance\""}"#);
}

#[tokio::test]
async fn default_shortens_a_long_action() {
    let answer = event(&pushed("$default", &json!({"action": "é".repeat(5000)}).to_string()).await);
    let message = answer["message"].as_str().unwrap();
    assert!(message.starts_with("no route for action \"éé") && message.ends_with("é…"), "{message}");
    assert!(message.chars().count() < 100, "{message}");
}

#[tokio::test]
async fn default_explains_a_message_without_an_action() {
    for (body, explanation) in
        [("[1]", "has no"), ("\"x\"", "has no"), ("hello", "not JSON"), ("", "not JSON")]
    {
        let answer = event(&pushed("$default", body).await);
        assert!(answer["message"].as_str().unwrap().contains(explanation), "{body}: {answer}");
    }
}

#[tokio::test]
async fn default_tells_a_message_that_is_nested_too_deeply_from_one_that_is_not_json() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    for (body, explanation) in
        [(nested(127), "has no"), (nested(128), "nested too deeply"), (nested(5000) + "]", "not JSON")]
    {
        let answer = event(&pushed("$default", &body).await);
        assert!(answer["message"].as_str().unwrap().contains(explanation), "{answer}");
    }
}

#[tokio::test]
async fn an_answer_to_a_client_that_has_left_is_no_failure_and_forgets_it() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    store.put(&management.connection("gone", "alice")).await.unwrap();
    backend.handle(management.message("ping", "gone", "{}")).await.unwrap();
    assert!(store.page("alice", None).await.unwrap().connections.is_empty());
}

#[tokio::test]
async fn an_answer_that_cannot_be_pushed_is_a_failure() {
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let error = backend.handle(management.message("ping", "broken", "{}")).await.unwrap_err();
    assert!(error.to_string().contains("500"), "{error}");
}
